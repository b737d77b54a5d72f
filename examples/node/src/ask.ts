// How does a program in TypeScript ask a Stepwell server over gRPC?
//
//     node built/src/ask.js 127.0.0.1:50051 "tides" "sourdough starter"
//
// STEPWELL_KEY holds a key, where the server wants one.
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

import { Authority } from "../generated/stepwell/v1/authority_pb.js";
import { Search, type SearchOutcome } from "../generated/stepwell/v1/search_pb.js";

const ATTEMPTS = 4;
const TIMEOUT_MS = 10_000;

// Every call of Search only reads, so what a server could not answer just now may be asked again: after the seconds that it
// names, or after growing pauses, and never past the deadline of the call.
const again: Interceptor = (next) => async (request) => {
  const until = Date.now() + TIMEOUT_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await next(request);
    } catch (thrown) {
      const error = ConnectError.from(thrown);
      const named = Number(error.metadata.get("retry-after") ?? Number.NaN) * 1000;
      const busy = error.code === Code.ResourceExhausted && !Number.isNaN(named);
      const pause = busy ? named : 100 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      const hopeless = !busy && error.code !== Code.Unavailable;
      if (hopeless || request.stream || attempt === ATTEMPTS || Date.now() + pause >= until) throw error;
      await new Promise((resume) => setTimeout(resume, pause));
    }
  }
};

const withKey: Interceptor = (next) => (request) => {
  const key = process.env.STEPWELL_KEY;
  if (key) request.header.set("authorization", `Bearer ${key}`);
  return next(request);
};

function said(outcome: SearchOutcome | undefined): string {
  const answer = outcome?.outcome;
  if (answer?.case === "ranking") {
    const lines = answer.value.hits.map((hit) => `  ${hit.rank} ${hit.score.toFixed(2)} ${hit.title} <${hit.url}>`);
    return [`${outcome?.query} (snapshot ${answer.value.snapshot})`, ...lines].join("\n");
  }
  return `${outcome?.query}: ${answer?.case === "failure" ? answer.value.message : "no outcome"}`;
}

const [address = "127.0.0.1:50051", ...given] = process.argv.slice(2);
const texts = given.length > 0 ? given : ["is boiled water safe to drink"];
const transport = createGrpcTransport({
  baseUrl: `http://${address}`,
  interceptors: [withKey, again],
  defaultTimeoutMs: TIMEOUT_MS,
});
const search = createClient(Search, transport);
const queries = texts.map((text) => ({ text, k: 3, passages: 1 }));

try {
  const { snapshot, documents } = await search.status({});
  console.log(`${documents} documents in ${snapshot}`);
  const { outcomes } = await search.batchSearch({ queries });
  for (const outcome of outcomes) console.log(said(outcome));

  let parts = 0;
  for await (const part of search.batchSearchStream({ queries })) parts += part.outcome ? 1 : 0;
  console.log(`${parts} outcomes in a stream`);

  const first = outcomes.map((one) => one.outcome).find((one) => one.case === "ranking")?.value.hits[0];
  if (first) {
    const { outcomes: fetched } = await search.fetch({ parts: [{ target: first.docId, range: { case: "lines", value: { end: 1 } } }] });
    const document = fetched[0]?.outcome;
    if (document?.case === "fetched") console.log(`first line: ${document.value.document?.text.slice(0, 80)}`);
    const trust = await createClient(Authority, transport).explain({ url: first.url || "example.org" });
    console.log(`${trust.domain || trust.host}: ${trust.entry ? trust.entry.tier : "unlisted"}`);
  }
} catch (thrown) {
  const error = ConnectError.from(thrown);
  console.error(`${Code[error.code]}: ${error.rawMessage}`);
  process.exitCode = 1;
}
