import { z } from "zod";
import { type Account, accountSchema } from "./account-schema.ts";

/**
 * The accounts of the config file. An account, alias, access key, unique id, or name within an account that stands there twice is refused
 * where it stands the second time.
 */
export const accountsSchema = z.array(accountSchema).superRefine((accounts, context) => {
  const firstPlaces = new Map<string, string>();
  const once = (kind: string, value: string, path: readonly (string | number)[], scope = ""): void => {
    const name = `${kind}\n${scope}\n${value}`;
    const first = firstPlaces.get(name);
    if (first === undefined) firstPlaces.set(name, path.join("."));
    else context.addIssue({ code: "custom", path: [...path], message: `${kind} "${value}" is already at ${first} in accounts` });
  };
  const keysOnce = (keys: readonly { readonly id: string }[], path: readonly (string | number)[]): void => {
    for (const [at, key] of keys.entries()) once("access key", key.id, [...path, "accessKeys", at, "id"]);
  };

  for (const [at, account] of accounts.entries()) {
    once("account", account.id, [at, "id"]);
    if (account.alias !== undefined) once("alias", account.alias, [at, "alias"]);
    keysOnce(account.root.accessKeys, [at, "root"]);
    // IAM keeps the case of names but refuses two that differ in nothing else.
    for (const [place, user] of account.users.entries()) {
      once("user", user.name.toLowerCase(), [at, "users", place, "name"], account.id);
      once("unique id", user.id, [at, "users", place, "id"]);
      keysOnce(user.accessKeys, [at, "users", place]);
    }
    for (const [place, role] of account.roles.entries()) {
      once("role", role.name.toLowerCase(), [at, "roles", place, "name"], account.id);
      once("unique id", role.id, [at, "roles", place, "id"]);
    }
    for (const [place, service] of account.services.entries()) {
      once("service", service.principal, [at, "services", place, "principal"], account.id);
      keysOnce(service.accessKeys, [at, "services", place]);
    }
  }
});

/** Every configured account, defaults filled in. */
export type Accounts = readonly Account[];
