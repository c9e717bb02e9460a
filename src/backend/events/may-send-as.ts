/** What AWS's own services put in front of the name of theirs. */
const SERVICE_SOURCE = /^aws\./i;

/** Services whose events come from themselves, by the principal that they call as. */
const SERVICES = new Set(["cloudtrail.amazonaws.com"]);

/** Whether the caller may send events of that source: those of AWS's services come from the services alone. */
export function maySendAs(source: string, servicePrincipal: string | undefined): boolean {
  return !SERVICE_SOURCE.test(source) || (servicePrincipal !== undefined && SERVICES.has(servicePrincipal));
}
