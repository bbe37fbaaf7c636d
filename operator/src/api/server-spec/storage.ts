/** Decides how the index volume is asked for, and what of it can change later. */
import { z } from 'zod';
import { field, quantity, quantityRule, type Rule } from '../schema.ts';

export const storageRules: Rule[] = [
  {
    rule: 'has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)',
    message:
      'storageClassName cannot be changed: create another CodeSageServer with the new class, and delete this one when that is Ready',
    fieldPath: '.storageClassName',
  },
  {
    rule: 'has(self.existingClaim) == has(oldSelf.existingClaim) && (!has(self.existingClaim) || self.existingClaim == oldSelf.existingClaim)',
    message:
      'existingClaim cannot be changed: create another CodeSageServer on the other claim, and delete this one when that is Ready',
    fieldPath: '.existingClaim',
  },
  {
    rule: 'self.accessModes == oldSelf.accessModes',
    message:
      'accessModes cannot be changed: create another CodeSageServer with the new modes, and delete this one when that is Ready',
    fieldPath: '.accessModes',
  },
  {
    rule: '!has(self.existingClaim) || !has(self.storageClassName)',
    message: 'set only one of existingClaim and storageClassName: an existing claim has its class already',
  },
];

export const storage = z.object({
  size: field(quantity().default('10Gi'), 'Size of the index volume. It may grow, never shrink.', {
    rules: [
      quantityRule('10Gi'),
      {
        rule: "!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('64Mi')) >= 0",
        message: 'must be at least 64Mi: write for example 10Gi',
      },
      {
        rule: '!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity(string(oldSelf))) >= 0',
        message:
          'can grow but not shrink: write at least the present size, or create another CodeSageServer with the smaller one',
      },
    ],
  }),
  storageClassName: field(
    z.string().min(1).max(253).optional(),
    "StorageClass of the volume. Default: the cluster's default class. Cannot be changed.",
  ),
  accessModes: field(
    z
      .array(z.enum(['ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod']))
      .min(1)
      .max(3)
      .default(['ReadWriteOnce']),
    'Access modes of the volume. Cannot be changed.',
    { listType: 'atomic' },
  ),
  existingClaim: field(
    z.string().min(1).max(253).optional(),
    'A PersistentVolumeClaim to use as it is, instead of making one; the operator never changes or deletes it. Cannot be changed.',
  ),
  reclaimPolicy: field(
    z.enum(['Retain', 'Delete']).default('Retain'),
    'What happens to the volume claim when the CodeSageServer is deleted. A kept claim is used again by a new resource of the same name.',
  ),
});
