import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ACCOUNT = "123456789012";
export const ALICE = { accessKeyId: "AKIARZPUZDIKGB2VALC4", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

/** A config file with `auth.mode: verify`, one user and one role. `more` is YAML. */
export function verifiedConfig(more = ""): string {
  const path = join(mkdtempSync(join(tmpdir(), "opentrail-config-")), "opentrail.yaml");
  writeFileSync(
    path,
    `auth: { mode: verify }
accountId: "${ACCOUNT}"
accounts:
  - id: "${ACCOUNT}"
    users:
      - name: alice
        accessKeys: [{ id: ${ALICE.accessKeyId}, secret: ${ALICE.secretAccessKey} }]
        policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]
    roles:
      - name: Deployer
        policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]
${more}
`,
  );
  return path;
}
