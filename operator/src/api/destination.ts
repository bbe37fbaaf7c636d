/** Decides how a place for stored snapshots is written: a volume or an object store. */
import { z } from 'zod';
import { field, nameReference, quantity, quantityRule, type Rule } from './schema.ts';

/** A volume or an object store. To be described, with `destinationRules`, where it is used. */
export const destination = z.object({
  volume: field(
    z
      .object({
        claimName: field(
          z.string().min(1).max(253).optional(),
          'An existing PersistentVolumeClaim of the same namespace.',
        ),
        size: field(quantity().optional(), 'Size of a claim to be made.', { rules: [quantityRule('20Gi')] }),
        storageClassName: field(
          z.string().min(1).max(253).optional(),
          "StorageClass of a claim to be made. Default: the cluster's default class.",
        ),
      })
      .optional(),
    'A volume.',
    {
      rules: [
        {
          rule: 'has(self.claimName) != has(self.size)',
          message: 'needs exactly one of claimName and size: name an existing claim, or the size of one to be made',
        },
      ],
    },
  ),
  objectStore: field(
    z
      .object({
        url: field(z.string().min(1).max(1024), 'Bucket and prefix, as s3://bucket/prefix.', {
          rules: [
            {
              rule: "self.matches('^s3://[^/]+(/.*)?$')",
              message: 'must be a bucket and a prefix: write s3://bucket/prefix',
            },
          ],
        }),
        endpoint: field(
          z.string().max(1024).optional(),
          "Base URL of an S3-compatible store. Default: AWS's for the region.",
          {
            rules: [
              {
                rule: "self.matches('^https?://[^/]+/?$')",
                message: 'must be a base URL: write for example https://minio.example.com',
              },
            ],
          },
        ),
        region: field(z.string().min(1).max(64).optional(), 'Region of the bucket.'),
        credentialsSecretRef: field(
          nameReference('Secret').optional(),
          "Secret with access-key-id and secret-access-key. Default: the pod's own identity.",
        ),
      })
      .optional(),
    'An object store that speaks S3.',
  ),
});

/** Rules of every destination. */
export const destinationRules: Rule[] = [
  { rule: 'has(self.volume) != has(self.objectStore)', message: 'needs exactly one of volume and objectStore' },
];
