import { answerText, type OwnPath } from "./own-path.ts";

/** What there is below `/_opentrail/`, as plain text. */
export function indexPage(paths: readonly OwnPath[]): OwnPath {
  const lines = paths.map((path) => `/_opentrail/${path.path.padEnd(10)} ${path.description}`);
  const text = `OpenTrail\n\nThis endpoint answers AWS clients: set AWS_ENDPOINT_URL to it.\n\n${lines.join("\n")}\n`;
  return {
    path: "",
    description: "this list",
    audience: "everyone",
    answer: (_request, response) => answerText(response, 200, "text/plain; charset=utf-8", text),
  };
}
