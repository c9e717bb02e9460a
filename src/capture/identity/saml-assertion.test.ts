import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { callerFromSamlAssertion, samlCallerOf } from "./saml-assertion.ts";

const principalArn = "arn:aws:iam::123456789012:saml-provider/MySAMLIdP";

function response(inner: string): string {
  const xml = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">
    <saml:Issuer>https://elsewhere.example.com</saml:Issuer>${inner}</samlp:Response>`;
  return Buffer.from(xml).toString("base64");
}

const assertion = response(`<saml:Assertion ID="a">
  <saml:Issuer>https://example.com/saml</saml:Issuer>
  <saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"> bob&amp;co@example.com </saml:NameID></saml:Subject>
</saml:Assertion>`);

test("the caller is the assertion's subject, qualified by the hash of issuer, account and provider", () => {
  const qualifier = createHash("sha1").update("https://example.com/saml123456789012/MySAMLIdP").digest("base64");
  expect(callerFromSamlAssertion(assertion, principalArn)).toEqual({
    kind: "saml",
    principalId: `${qualifier}:bob&co@example.com`,
    userName: "bob&co@example.com",
    identityProvider: qualifier,
  });
  expect(samlCallerOf({ SAMLAssertion: assertion, PrincipalArn: principalArn }, undefined)?.userName).toBe("bob&co@example.com");
});

test("the answer's word counts more", () => {
  const output = { NameQualifier: "q", Subject: "s" };
  expect(samlCallerOf({ SAMLAssertion: assertion, PrincipalArn: principalArn }, output)).toMatchObject({ principalId: "q:s" });
});

test.each([
  ["an encrypted assertion", response("<saml:EncryptedAssertion/>"), principalArn],
  ["no subject", response("<saml:Assertion><saml:Issuer>i</saml:Issuer></saml:Assertion>"), principalArn],
  [
    "no issuer",
    response("<saml:Assertion><saml:Subject><saml:NameID>n</saml:NameID></saml:Subject></saml:Assertion>"),
    principalArn,
  ],
  ["a document type", Buffer.from('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>').toString("base64"), principalArn],
  ["no XML", "b3BhcXVl", principalArn],
  ["nothing", "", principalArn],
  ["a provider that is none", assertion, "arn:aws:iam::123456789012:role/x"],
  ["no provider", assertion, undefined],
  ["more than STS takes", "A".repeat(100_001), principalArn],
])("nobody is known by %s", (_, text, arn) => expect(callerFromSamlAssertion(text, arn)).toBeUndefined());

test("no assertion makes it throw", () => {
  const xml = fc.array(
    fc.constantFrom(
      "<a>",
      "</a>",
      "<Assertion>",
      "</Assertion>",
      "<Issuer>x</Issuer>",
      "<Subject>",
      "<NameID/>",
      "&",
      "<",
      "]]>",
    ),
  );
  fc.assert(
    fc.property(xml, (parts) => void callerFromSamlAssertion(Buffer.from(parts.join("")).toString("base64"), principalArn)),
  );
});
