import type { Status } from "../status.ts";
import { answerJson, type OwnPath } from "./own-path.ts";

/** Counts, positions, lags and disk as one JSON object. */
export function status(read: () => Promise<Status>): OwnPath {
  return {
    path: "status",
    description: "counts that add up, positions, lags, disk; as JSON",
    audience: "operator",
    answer: async (_request, response) => {
      answerJson(response, 200, await read());
    },
  };
}
