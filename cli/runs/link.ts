import type { ShellSettings } from '../../workers/settings.ts';

/** Where the UI shows a run; its latest where none is named. */
export function linkTo(
  { temporalUiUrl }: Pick<ShellSettings, 'temporalUiUrl'>,
  namespace: string,
): (workflowId: string, runId?: string) => string {
  return (workflowId, runId) =>
    [
      `${temporalUiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`,
      ...(runId === undefined ? [] : [runId]),
    ].join('/');
}
