import { answerJson, type OwnPath } from "./own-path.ts";

/** Why nothing can be recorded; what will keep it from being recorded soon, or was found damaged at the start. For people. */
export interface Health {
  readonly problem: string | undefined;
  readonly warning: string | undefined;
}

/** 200 while events can be recorded, with a warning where that may end soon or stored data is damaged; 503 with the reason while not. */
export function health(now: () => Promise<Health>): OwnPath {
  return {
    path: "health",
    description: "200 while events can be recorded, 503 with the reason while not",
    audience: "everyone",
    answer: async (_request, response) => {
      const { problem, warning } = await now();
      if (problem !== undefined) answerJson(response, 503, { status: "not recording", message: problem });
      else if (warning !== undefined) answerJson(response, 200, { status: "warning", message: warning });
      else answerJson(response, 200, { status: "ok" });
    },
  };
}
