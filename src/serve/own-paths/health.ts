import { answerJson, type OwnPath } from "./own-path.ts";

/** 200 while events can be recorded, 503 with the reason while not. */
export function health(problem: () => string | undefined): OwnPath {
  return {
    path: "health",
    description: "200 while events can be recorded, 503 with the reason while not",
    answer: (_request, response) => {
      const reason = problem();
      if (reason === undefined) answerJson(response, 200, { status: "ok" });
      else answerJson(response, 503, { status: "not recording", message: reason });
    },
  };
}
