import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Puts a failure's message and stack into a payload, which the codec encrypts: what stays readable is its type. Bundled with
 * the workflows too, which make failures of their own.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
