// What a program for Node.js says of its run: a line of JSON for each thing that worked.
import { readFileSync } from "node:fs";

// Where the server answers HTTP, without a slash at the end.
export const BASE = process.argv[2];
export const QUERY = "tides";
// Title, address and a piece of the text of the best document.
export const FIRST = "Tides and the moon";
export const URL_OF_FIRST = "https://met.alder.example/0";
export const SAID = "sun and moon pull";

export function worked(name, what, adapter) {
  const { version } = JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url)));
  console.log(JSON.stringify({ package: name, version, what, adapter }));
}

export function holds(condition, found) {
  if (!condition) throw new Error(`not what it should be: ${JSON.stringify(found)}`);
}
