// The scripts of demos and pages, as they are, with the functions inside them.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/* A module of the browser; `inner` are names in it that it does not export. */
export async function browserModule(path, inner = []) {
  const end = "export default { render };";
  const text = readFileSync(ROOT + path, "utf-8");
  if (!text.includes(end)) throw new Error(`${path} must have the line ${end}`);
  const exported = inner.length ? `${end}\nexport { ${inner.join(", ")} };` : end;
  return import(`data:text/javascript;base64,${Buffer.from(text.replace(end, exported)).toString("base64")}`);
}

/* A script of the web pages. */
export const pageScript = (name) => createRequire(import.meta.url)(`${ROOT}courseware/pages/static/${name}`);
