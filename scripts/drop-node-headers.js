// The npm package `node` brings the C++ headers and manuals of Node along, a third of what `npm ci` puts on the disk. Nothing
// here is compiled against them. JavaScript, because it may run on the Node of the machine.
import { readdirSync, rmSync } from "node:fs";

const platforms = new URL("../node_modules/node/node_modules/", import.meta.url);

let names = [];
try {
  names = readdirSync(platforms);
} catch (error) {
  if (error.code !== "ENOENT") throw error;
}
for (const name of names.filter((entry) => entry.startsWith("node-"))) {
  for (const part of ["include", "share"]) rmSync(new URL(`${name}/${part}`, platforms), { recursive: true, force: true });
}
