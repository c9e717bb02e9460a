import { expect, test } from "vitest";
import { checkRooms } from "./check-rooms.ts";

const file = (path: string, text = "") => ({ path, text });

test("the flow may be followed", () => {
  expect(
    checkRooms([
      file("base/clock.ts"),
      file("aws/arn.ts", `import { clock } from "../base/clock.ts";`),
      file("start/main.ts", `import { open } from "../journal/drivers/segments/open.ts";`),
      file("journal/drivers/segments/open.ts", `import type { Block } from "./block.ts";`),
      file("journal/drivers/segments/block.ts"),
    ]),
  ).toEqual([]);
});

test.each([
  ["against the flow", `import { x } from "../readers/tail.ts";`, "capture may not see readers"],
  ["types too", `import type { X } from "../readers/tail.ts";`, "capture may not see readers"],
  ["re-exports too", `export { x } from "../readers/tail.ts";`, "capture may not see readers"],
  ["dynamic imports too", `const m = await import("../readers/tail.ts");`, "capture may not see readers"],
  ["drivers are start's", `import { open } from "../journal/drivers/segments/open.ts";`, "only start/ may choose a driver"],
  ["missing files", `import { y } from "./nothing.ts";`, "does not exist"],
])("%s", (_name, text, problem) => {
  const problems = checkRooms([
    file("capture/gateway.ts", text),
    file("readers/tail.ts"),
    file("journal/drivers/segments/open.ts"),
  ]);
  expect(problems.join("\n")).toContain(problem);
});

test("cycles and strange folders are named", () => {
  const problems = checkRooms([
    file("base/a.ts", `import type { B } from "./b.ts";`),
    file("base/b.ts", `import { a } from "./a.ts";`),
    file("utils/x.ts"),
  ]);
  expect(problems).toEqual([`utils/x.ts: "utils" is not a room`, "import cycle: base/a.ts → base/b.ts → base/a.ts"]);
});
