// Clients of the Node.js world: Tavily's and the Model Context Protocol's own, and three that ask SearXNG or Serper.
import { SearxngClient } from "@agentic/searxng";
import { SerperClient } from "@agentic/serper";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { tavily } from "@tavily/core";

import { BASE, FIRST, QUERY, SAID, URL_OF_FIRST, holds, worked } from "./report.mjs";

for (const path of ["", "/tavily"]) {
  const client = tavily({ apiKey: "none", apiBaseURL: BASE + path });
  const { results } = await client.search(QUERY, { maxResults: 2, includeDomains: ["met.alder.example"], includeRawContent: "text" });
  holds(results[0].url === URL_OF_FIRST && results[0].rawContent.includes(SAID), results);
  worked("@tavily/core", "search", `POST ${path}/search`);
  const read = await client.extract([URL_OF_FIRST]);
  holds(read.results[0].rawContent.includes(SAID), read);
  worked("@tavily/core", "extract", `POST ${path}/extract`);
}

const direct = new Client({ name: "test", version: "1" });
await direct.connect(new StreamableHTTPClientTransport(new URL(`${BASE}/mcp`)));
const found = await direct.callTool({ name: "search", arguments: { query: QUERY } });
holds(found.structuredContent.results[0].url === URL_OF_FIRST, found);
const read = await direct.callTool({ name: "fetch", arguments: { id: "tiny:0" } });
holds(read.structuredContent.text.includes(SAID), read);
await direct.close();
worked("@modelcontextprotocol/sdk", "Client.callTool: search, fetch", "POST /mcp");

const searxng = new SearxngClient({ apiBaseUrl: BASE });
const searched = await searxng.search({ query: QUERY, categories: ["science"], engines: ["arxiv"] });
holds(searched.results[0].url === URL_OF_FIRST && searched.results[0].content.includes(SAID), searched);
worked("@agentic/searxng", "SearxngClient.search", "GET /search");

for (const path of ["", "/serper"]) {
  const serper = new SerperClient({ apiKey: "none", apiBaseUrl: BASE + path });
  const { organic } = await serper.search({ q: QUERY, num: 2 });
  holds(organic[0].title === FIRST && organic[0].link === URL_OF_FIRST, organic);
  worked("@agentic/serper", "SerperClient.search", `POST ${path}/search`);
}

const started = new Client({ name: "test", version: "1" });
const program = new URL("./node_modules/mcp-searxng/dist/cli.js", import.meta.url).pathname;
await started.connect(
  new StdioClientTransport({ command: process.execPath, args: [program], env: { ...process.env, SEARXNG_URL: BASE }, stderr: "ignore" }),
);
const told = await started.callTool({ name: "searxng_web_search", arguments: { query: QUERY } });
holds(JSON.stringify(told).includes(URL_OF_FIRST) && JSON.stringify(told).includes(SAID), told);
await started.close();
worked("mcp-searxng", "searxng_web_search", "GET /search");
