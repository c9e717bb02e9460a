import { describe, expect, test } from "vitest";
import { ACCOUNT, Lab } from "../fixtures/lab.ts";

const OTHER = "210987654321";
const user = { kind: "user", accountId: ACCOUNT };

describe("iam", () => {
  test("CreateUser and CreateAccessKey: the key is the user's", async () => {
    await using lab = new Lab();
    lab.createUser("bob", { path: "/team/", id: "AIDARZPUZDIKBOB000000" });
    lab.createAccessKey("bob", "AKIABOB");
    const arn = `arn:aws:iam::${ACCOUNT}:user/team/bob`;
    expect(lab.who("AKIABOB")).toEqual({
      ...user,
      accessKeyId: "AKIABOB",
      principalId: "AIDARZPUZDIKBOB000000",
      arn,
      userName: "bob",
    });
  });

  test("an ARN in an answer tells the account of an unknown caller", async () => {
    await using lab = new Lab();
    expect(lab.accountOf("test")).toBe("000000000000");
    lab.createUser("bob");
    expect(lab.who("test")).toEqual({ kind: "unknown", accountId: ACCOUNT, accessKeyId: "test" });
    expect(lab.accountOf(OTHER)).toBe(OTHER);
    lab.createUser("eve", { key: OTHER });
    expect(lab.accountOf(OTHER)).toBe(OTHER);
  });

  test("CreateAccessKey by an unknown caller: the account is in the new key", async () => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIARZPUZDIKGB2VALC4");
    expect(lab.who("AKIARZPUZDIKGB2VALC4")).toMatchObject({ ...user, arn: `arn:aws:iam::${ACCOUNT}:user/bob`, userName: "bob" });
  });

  test("CreateAccessKey without a name: the caller's own, the root user's too", async () => {
    await using lab = new Lab();
    lab.call("iam", "CreateAccessKey", {
      key: ACCOUNT,
      input: {},
      output: { AccessKey: { AccessKeyId: "AKIAROOT", SecretAccessKey: "s" } },
    });
    expect(lab.who("AKIAROOT")).toEqual({ kind: "root", accountId: ACCOUNT, accessKeyId: "AKIAROOT" });
    lab.createAccessKey("bob", "AKIABOB", { key: ACCOUNT });
    lab.call("iam", "CreateAccessKey", {
      key: "AKIABOB",
      input: {},
      output: { AccessKey: { AccessKeyId: "AKIABOB2", SecretAccessKey: "s" } },
    });
    expect(lab.who("AKIABOB2")).toMatchObject({ ...user, userName: "bob" });
  });

  test.each(["GetUser", "ListUsers", "GetAccountAuthorizationDetails"])("%s: a user's id and path", async (operation) => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIABOB", { key: ACCOUNT });
    expect(lab.who("AKIABOB")).not.toHaveProperty("principalId");
    const shown = { UserName: "bob", UserId: "AIDARZPUZDIKBOB000000", Arn: `arn:aws:iam::${ACCOUNT}:user/team/bob` };
    const output = {
      GetUser: { User: shown },
      ListUsers: { Users: [shown] },
      GetAccountAuthorizationDetails: { UserDetailList: [shown] },
    }[operation]!;
    lab.call("iam", operation, { key: ACCOUNT, input: { UserName: "bob" }, output });
    expect(lab.who("AKIABOB")).toMatchObject({
      principalId: "AIDARZPUZDIKBOB000000",
      arn: `arn:aws:iam::${ACCOUNT}:user/team/bob`,
    });
  });

  test("GetUser without a name: who the key is", async () => {
    await using lab = new Lab();
    lab.call("iam", "GetUser", {
      key: "AKIAX",
      input: {},
      output: { User: { UserName: "bob", UserId: "AIDARZPUZDIKBOB000000", Arn: `arn:aws:iam::${ACCOUNT}:user/bob` } },
    });
    expect(lab.who("AKIAX")).toMatchObject({ ...user, userName: "bob", principalId: "AIDARZPUZDIKBOB000000" });
    lab.call("iam", "GetUser", {
      key: "AKIAY",
      input: {},
      output: { User: { UserId: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:root` } },
    });
    expect(lab.who("AKIAY")).toEqual({ kind: "root", accountId: ACCOUNT, accessKeyId: "AKIAY" });
  });

  test("UpdateUser: keys, sessions and federated users follow the user to the new name", async () => {
    await using lab = new Lab();
    lab.createUser("bob", { path: "/team/", id: "AIDARZPUZDIKBOB000000" });
    lab.createAccessKey("bob", "AKIABOB");
    lab.call("sts", "GetSessionToken", { key: "AKIABOB", output: { Credentials: lab.credentials("ASIASESSION") } });
    lab.call("sts", "GetFederationToken", {
      key: "AKIABOB",
      input: { Name: "fred" },
      output: { Credentials: lab.credentials("ASIAFRED") },
    });
    lab.createAccessKey("bob", "AKIAELSEWHERE", { key: OTHER });
    lab.call("iam", "UpdateUser", { key: "test", input: { UserName: "bob", NewUserName: "robert" } });
    const robert = { userName: "robert", arn: `arn:aws:iam::${ACCOUNT}:user/team/robert`, principalId: "AIDARZPUZDIKBOB000000" };
    expect(lab.who("AKIABOB")).toMatchObject(robert);
    expect(lab.who("ASIASESSION")).toMatchObject(robert);
    expect(lab.who("ASIAFRED")).toMatchObject({ kind: "federated-user", name: "fred", issuer: robert });
    expect(lab.who("AKIAELSEWHERE")).toMatchObject({ userName: "bob", accountId: OTHER });
    lab.call("iam", "UpdateUser", { key: "test", input: { UserName: "robert", NewPath: "/" } });
    expect(lab.who("AKIABOB")).toMatchObject({ userName: "robert", arn: `arn:aws:iam::${ACCOUNT}:user/robert` });
    await lab.restart();
    expect(lab.who("ASIASESSION")).toMatchObject({ userName: "robert", arn: `arn:aws:iam::${ACCOUNT}:user/robert` });
  });

  test("ListAccessKeys: whose keys they are and whether they are active; what a complete list leaves out is gone", async () => {
    await using lab = new Lab();
    lab.createUser("bob");
    lab.createAccessKey("bob", "AKIAOLD");
    lab.createAccessKey("bob", "AKIABOB");
    const list = (keys: readonly string[], output = {}, input = {}) => {
      const AccessKeyMetadata = keys.map((AccessKeyId) => ({ UserName: "bob", AccessKeyId, Status: "Inactive" }));
      lab.call("iam", "ListAccessKeys", {
        key: "test",
        input: { UserName: "bob", ...input },
        output: { AccessKeyMetadata, IsTruncated: false, ...output },
      });
    };
    list(["AKIABOB"], { IsTruncated: true });
    list(["AKIATHIRD"], {}, { Marker: "x" });
    expect(lab.who("AKIAOLD")).toMatchObject({ userName: "bob" });
    expect(lab.who("AKIATHIRD")).toMatchObject({ userName: "bob" });
    expect(lab.identities.secretOf("AKIABOB")).toEqual({ secretAccessKey: "secret of AKIABOB", active: false });
    list(["AKIABOB", "AKIATHIRD"]);
    expect(lab.who("AKIAOLD").kind).toBe("unknown");
    expect(lab.who("AKIATHIRD")).toMatchObject({ userName: "bob" });
  });

  test("GetAccessKeyLastUsed: whose key it is", async () => {
    await using lab = new Lab();
    lab.call("iam", "GetAccessKeyLastUsed", { key: ACCOUNT, input: { AccessKeyId: "AKIAX" }, output: { UserName: "bob" } });
    expect(lab.who("AKIAX")).toMatchObject({ ...user, userName: "bob" });
  });

  test("UpdateAccessKey: an inactive key stays known", async () => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIABOB", { key: ACCOUNT });
    const before = lab.who("AKIABOB");
    const set = (Status: string) =>
      lab.call("iam", "UpdateAccessKey", { key: ACCOUNT, input: { AccessKeyId: "AKIABOB", Status } });
    set("Inactive");
    expect(lab.who("AKIABOB")).toEqual(before);
    expect(lab.identities.secretOf("AKIABOB")?.active).toBe(false);
    set("Active");
    expect(lab.identities.secretOf("AKIABOB")?.active).toBe(true);
  });

  test("DeleteAccessKey: the key is forgotten, and answers that were under way do not bring it back", async () => {
    await using lab = new Lab();
    lab.createUser("bob");
    lab.createAccessKey("bob", "AKIABOB");
    lab.call("iam", "DeleteAccessKey", { key: "test", input: { UserName: "bob", AccessKeyId: "AKIABOB" } });
    expect(lab.who("AKIABOB")).toEqual({ kind: "unknown", accountId: "000000000000", accessKeyId: "AKIABOB" });
    expect(lab.identities.secretOf("AKIABOB")).toBeUndefined();
    const late = { AccessKeyMetadata: [{ UserName: "bob", AccessKeyId: "AKIABOB", Status: "Active" }] };
    lab.call("iam", "ListAccessKeys", { key: "test", input: { UserName: "bob" }, output: late, lasting: 500 });
    expect(lab.who("AKIABOB").kind).toBe("unknown");
    lab.call("iam", "ListAccessKeys", { key: "test", input: { UserName: "bob" }, output: late });
    expect(lab.who("AKIABOB").kind).toBe("user");
  });

  test("DeleteUser: with keys, sessions and federated users, of that account alone", async () => {
    await using lab = new Lab();
    lab.createUser("bob");
    lab.createAccessKey("bob", "AKIABOB");
    lab.createAccessKey("bob", "AKIAELSEWHERE", { key: OTHER });
    lab.call("sts", "GetSessionToken", { key: "AKIABOB", output: { Credentials: lab.credentials("ASIASESSION") } });
    lab.call("sts", "GetFederationToken", {
      key: "AKIABOB",
      input: { Name: "fred" },
      output: { Credentials: lab.credentials("ASIAFRED") },
    });
    lab.assumeRole("ASIAROLE", { key: "AKIABOB" });
    lab.call("iam", "DeleteUser", { key: "test", input: { UserName: "bob" } });
    for (const key of ["AKIABOB", "ASIASESSION", "ASIAFRED"]) expect(lab.who(key).kind, key).toBe("unknown");
    expect(lab.who("AKIAELSEWHERE").kind).toBe("user");
    expect(lab.who("ASIAROLE").kind).toBe("role-session");
    lab.createAccessKey("bob", "AKIANEW");
    expect(lab.who("AKIANEW")).not.toHaveProperty("principalId");
  });

  test("a user of the same name with another id is another user", async () => {
    await using lab = new Lab();
    lab.createUser("bob", { id: "AIDARZPUZDIKBOB000001" });
    lab.createAccessKey("bob", "AKIAOLD");
    lab.now += 1000;
    lab.createUser("bob", { id: "AIDARZPUZDIKBOB000002" });
    lab.createAccessKey("bob", "AKIANEW");
    expect(lab.who("AKIAOLD").kind).toBe("unknown");
    expect(lab.who("AKIANEW")).toMatchObject({ principalId: "AIDARZPUZDIKBOB000002" });
    const old = { UserName: "bob", UserId: "AIDARZPUZDIKBOB000001", Arn: `arn:aws:iam::${ACCOUNT}:user/bob` };
    lab.call("iam", "GetUser", { key: "test", input: { UserName: "bob" }, output: { User: old }, lasting: 800 });
    expect(lab.who("AKIANEW")).toMatchObject({ principalId: "AIDARZPUZDIKBOB000002" });
  });

  test.each(["CreateRole", "GetRole", "ListRoles", "CreateServiceLinkedRole", "GetAccountAuthorizationDetails"])(
    "%s: a role's id and path",
    async (operation) => {
      await using lab = new Lab();
      const Arn = `arn:aws:sts::${ACCOUNT}:assumed-role/Deployer/ci`;
      lab.call("sts", "GetCallerIdentity", { key: "ASIAX", output: { Arn, UserId: "?", Account: ACCOUNT } });
      expect(lab.who("ASIAX")).toEqual({
        kind: "role-session",
        accountId: ACCOUNT,
        accessKeyId: "ASIAX",
        roleArn: `arn:aws:iam::${ACCOUNT}:role/Deployer`,
        roleName: "Deployer",
        sessionName: "ci",
        session: {},
      });
      const shown = { RoleName: "Deployer", RoleId: "AROARZPUZDIKDAEXAMPLE", Arn: `arn:aws:iam::${ACCOUNT}:role/ops/Deployer` };
      const output = { ListRoles: { Roles: [shown] }, GetAccountAuthorizationDetails: { RoleDetailList: [shown] } }[
        operation
      ] ?? { Role: shown };
      lab.call("iam", operation, { key: "test", output });
      expect(lab.who("ASIAX")).toMatchObject({
        roleId: "AROARZPUZDIKDAEXAMPLE",
        roleArn: `arn:aws:iam::${ACCOUNT}:role/ops/Deployer`,
      });
    },
  );

  test("DeleteRole: with its sessions", async () => {
    await using lab = new Lab();
    lab.assumeRole("ASIAROLE", { key: ACCOUNT });
    lab.call("iam", "DeleteRole", { key: ACCOUNT, input: { RoleName: "Deployer" } });
    expect(lab.who("ASIAROLE").kind).toBe("unknown");
  });

  test("a call that failed teaches nothing", async () => {
    await using lab = new Lab();
    lab.createAccessKey("bob", "AKIABOB", { key: ACCOUNT });
    lab.call("iam", "DeleteAccessKey", { key: ACCOUNT, input: { AccessKeyId: "AKIABOB" }, code: "AccessDenied" });
    lab.call("iam", "DeleteUser", { key: ACCOUNT, input: { UserName: "bob" }, code: "DeleteConflict" });
    expect(lab.who("AKIABOB").kind).toBe("user");
  });
});
