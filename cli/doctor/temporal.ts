import { temporalAddress } from '../reach-temporal.ts';
import { broken, ok, PATIENCE_MS, warning, type Check, type Finding } from './check.ts';

/** Days for which a run can be looked at and reset. */
const RETENTION_DAYS = 30;

/** Whether Temporal answers, knows the namespace, and keeps histories for long enough. */
export const temporal: Check = {
  name: 'temporal',
  run: async ({ temporal }) => {
    const mend = 'start it, or point TEMPORAL_ADDRESS (and TEMPORAL_API_KEY, TEMPORAL_TLS…) at it';
    if (temporal === null) return [broken(`nothing answers at ${temporalAddress()}`, mend)];
    const { connection, namespace } = temporal;
    return await connection.withDeadline(Date.now() + PATIENCE_MS, async () => {
      const { serverVersion } = await connection.workflowService.getSystemInfo({});
      const described = await connection.workflowService
        .describeNamespace({ namespace })
        .catch((error: unknown) => {
          if (isNotFound(error)) return null;
          throw error;
        });
      if (described === null)
        return [
          broken(
            `there is no namespace ${namespace}`,
            `temporal operator namespace create ${namespace} --retention ${RETENTION_DAYS}d; or set TEMPORAL_NAMESPACE`,
          ),
        ];
      const seconds = described.config?.workflowExecutionRetentionTtl?.seconds;
      const days = Number(seconds ?? 0) / 86_400;
      return [ok(`Temporal ${serverVersion}, namespace ${namespace}`), ...retention(namespace, days)];
    });
  },
};

/** @param days for which closed runs are kept. */
export function retention(namespace: string, days: number): readonly Finding[] {
  if (days >= RETENTION_DAYS) return [];
  return [
    warning(
      `namespace ${namespace} keeps runs for ${days} days: none can be looked at or reset after that`,
      `temporal operator namespace update ${namespace} --retention ${RETENTION_DAYS}d`,
    ),
  ];
}

/** gRPC's NOT_FOUND. @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
function isNotFound(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 5;
}
