import { defineConfig } from "vitest/config";

/**
 * Four suites: `unit` sits beside the sources; `blackbox` starts the built program and speaks to it only over the wire;
 * `peers` does the same with other people's programs (AWS CLI, boto3, moto) and is run where those are installed; `crash` ends
 * it, fails its system calls and damages its data, one file after the other.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "scripts/**/*.test.ts"],
          // What takes milliseconds takes seconds on a machine that does much else, and the first import of a client longer.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 15_000 } },
        },
      },
      { test: { name: "blackbox", include: ["test/blackbox/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: "peers", include: ["test/acceptance/**/*.test.ts"], testTimeout: 180_000, hookTimeout: 120_000 } },
      { test: { name: "crash", include: ["test/crash/**/*.test.ts"], testTimeout: 120_000, fileParallelism: false } },
      {
        test: {
          name: "hostile",
          include: ["test/hostile/**/*.test.ts"],
          // The long forms (OPENTRAIL_HOSTILE=long) take minutes each. One file at a time: they measure.
          testTimeout: process.env["OPENTRAIL_HOSTILE"] === "long" ? 1_800_000 : 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
