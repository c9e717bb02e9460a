import { expect, test } from "vitest";
import { Opened } from "./opened.ts";

function recorded(failing: readonly string[]): { readonly opened: Opened; readonly closed: readonly string[] } {
  const opened = new Opened();
  const closed: string[] = [];
  for (const name of ["journal", "readers", "gateway"]) {
    opened.add({
      async close() {
        closed.push(name);
        if (failing.includes(name)) throw new Error(`${name} would not close`);
      },
    });
  }
  return { opened, closed };
}

test("closes in the opposite order, once", async () => {
  const { opened, closed } = recorded([]);
  await opened.close();
  await opened.close();
  expect(closed).toEqual(["gateway", "readers", "journal"]);
});

test.each([
  [["gateway"], "gateway would not close"],
  [["gateway", "journal"], "could not be closed"],
])("what fails keeps nothing else open: %j", async (failing, message) => {
  const { opened, closed } = recorded(failing);
  await expect(opened.close()).rejects.toThrow(message);
  expect(closed).toEqual(["gateway", "readers", "journal"]);
});
