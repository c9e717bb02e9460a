import { createHash } from "node:crypto";
import { parseArn } from "../../aws/arn.ts";
import type { TreeObject } from "../../aws/tree.ts";
import { localName, parseXml, type XmlElement } from "../../aws/xml/parse-xml.ts";
import type { SamlCaller } from "../../event/caller.ts";
import { textAt } from "./tree-members.ts";

/** STS takes assertions of 4 to 100,000 characters, base64. */
const LONGEST_ASSERTION = 100_000;
const LONGEST_NAME = 2048;

/**
 * The caller of AssumeRoleWithSAML, by its assertion (base64, a SAML 2.0 response) and the ARN of the SAML provider in IAM. The
 * signature is not checked: the service that answers does that. Undefined where issuer or subject cannot be read, as in encrypted assertions.
 */
export function callerFromSamlAssertion(assertion: string, principalArn: string | undefined): SamlCaller | undefined {
  if (assertion.length > LONGEST_ASSERTION) return undefined;
  let response: XmlElement;
  try {
    response = parseXml(Buffer.from(assertion, "base64"));
  } catch {
    return undefined;
  }
  const inner = localName(response.name) === "Assertion" ? response : child(response, "Assertion");
  const issuer = nameIn(child(inner, "Issuer"));
  const subject = nameIn(child(child(inner, "Subject"), "NameID"));
  const qualifier = issuer === undefined ? undefined : nameQualifier(issuer, principalArn);
  return subject === undefined || qualifier === undefined ? undefined : samlCaller(qualifier, subject);
}

/** As `callerFromSamlAssertion`, from input and output of the call; the answer's word counts more. */
export function samlCallerOf(input: TreeObject | undefined, output: TreeObject | undefined): SamlCaller | undefined {
  const qualifier = textAt(output, "NameQualifier");
  const subject = textAt(output, "Subject");
  if (qualifier !== undefined && subject !== undefined) return samlCaller(qualifier, subject);
  const assertion = textAt(input, "SAMLAssertion", LONGEST_ASSERTION);
  return assertion === undefined ? undefined : callerFromSamlAssertion(assertion, textAt(input, "PrincipalArn"));
}

/** As the STS API Reference defines `NameQualifier`: issuer, account and the provider's friendly name, hashed. */
function nameQualifier(issuer: string, principalArn: string | undefined): string | undefined {
  const arn = principalArn === undefined ? undefined : parseArn(principalArn);
  if (arn === undefined || arn.service !== "iam" || !arn.resource.startsWith("saml-provider/")) return undefined;
  const name = arn.resource.slice("saml-provider".length);
  return createHash("sha1").update(`${issuer}${arn.accountId}${name}`).digest("base64");
}

function samlCaller(qualifier: string, subject: string): SamlCaller {
  return { kind: "saml", principalId: `${qualifier}:${subject}`, userName: subject, identityProvider: qualifier };
}

function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((one) => localName(one.name) === name);
}

function nameIn(element: XmlElement | undefined): string | undefined {
  const text = element?.text.trim();
  return text === undefined || text === "" || text.length > LONGEST_NAME ? undefined : text;
}
