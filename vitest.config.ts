import { defineConfig } from "vitest/config";

/**
 * Three suites: `unit` sits beside the sources; `blackbox` starts the built program and speaks to it only over the wire;
 * `peers` does the same with other people's programs (AWS CLI, boto3, moto) and is run where those are installed.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts", "scripts/**/*.test.ts"], testTimeout: 20_000 } },
      { test: { name: "blackbox", include: ["test/blackbox/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: "peers", include: ["test/acceptance/**/*.test.ts"], testTimeout: 180_000, hookTimeout: 120_000 } },
    ],
  },
});
