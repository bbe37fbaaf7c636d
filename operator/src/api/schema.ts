/** Decides how a field of the API is written in zod so that it becomes a described, structural CRD field with CEL rules. */
import { z } from 'zod';

/** A CEL rule of the CRD. `message` says what to write instead of what was refused. */
export type Rule = {
  rule: string;
  message: string;
  /** Field below this one that the API server names in its answer, e.g. `.size`. */
  fieldPath?: string;
};

/** Keys of a JSON schema node that only Kubernetes knows. */
export type KubernetesExtensions = {
  rules?: Rule[];
  /** Unique key fields of a list of objects; also makes server-side apply merge by them. */
  listMapKeys?: string[];
  listType?: 'atomic' | 'set';
  format?: string;
};

/** Describes a field, and adds what the CRD needs beyond JSON schema. To be the outermost call of a field. */
export function field<T extends z.ZodType>(schema: T, description: string, extensions: KubernetesExtensions = {}): T {
  return schema.meta({
    description,
    ...(extensions.rules && { 'x-kubernetes-validations': extensions.rules }),
    ...(extensions.listMapKeys && {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': extensions.listMapKeys,
    }),
    ...(extensions.listType && { 'x-kubernetes-list-type': extensions.listType }),
    ...(extensions.format && { format: extensions.format }),
  }) as T;
}

/** Pattern of what follows the host of a URL that the server takes, too: a port up to 65535, if any, and the end of the authority. */
export const endOfAuthority =
  '(:([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?([/?#]|$)';

/** A Kubernetes quantity: a string such as `10Gi` or `250m`, or a whole number. Validated by CEL, which can explain itself. */
export function quantity() {
  return z.union([z.number(), z.string()]).meta({ 'x-kubernetes-int-or-string': true, maxLength: 32 });
}

/** The rule that every quantity carries. `example` is shown to the user. */
export function quantityRule(example: string): Rule {
  return { rule: 'isQuantity(string(self))', message: `must be a Kubernetes quantity: write for example ${example}` };
}

/** Any fields below: for parts of the Kubernetes API that the API server checks when the child is applied. */
export function openObject() {
  return z.record(z.string(), z.unknown());
}

/** A reference to an object of the same namespace by its name. */
export function nameReference(what: string) {
  return z.object({
    name: field(z.string().min(1).max(253), `Name of the ${what}, in the same namespace.`),
  });
}

/** Time as Kubernetes writes it. */
export function time() {
  return z.string().meta({ format: 'date-time' });
}

/** Free labels or annotations. */
export function stringMap() {
  return z.record(z.string(), z.string());
}
