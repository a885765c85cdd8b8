import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

/** One way of getting the CLI: into which folder, under what name, which version. */
export interface FetchOrder {
  readonly folder: string;
  readonly fileName: string;
  readonly version: string;
  readonly onProgress: (line: string) => void;
}

const answerWithinMs = 5000;
const downloadWithinMs = 10 * 60_000;

/**
 * Downloads the CLI from where Temporal's SDKs download it, giving up within seconds where that cannot be reached.
 *
 * @returns the program's path.
 * @throws Error saying why not.
 * @see https://github.com/temporalio/sdk-core/blob/master/core/src/ephemeral_server/mod.rs
 */
export async function downloadTemporalCli({
  folder,
  fileName,
  version,
  onProgress,
}: FetchOrder): Promise<string> {
  const { archiveUrl, fileToExtract } = await askWhere(version);
  onProgress(`Downloading the Temporal CLI ${version}`);
  const response = await fetch(archiveUrl, { signal: AbortSignal.timeout(downloadWithinMs) }).catch(
    unreachable,
  );
  if (!response.ok || response.body === null)
    throw new Error(`download of ${archiveUrl}: HTTP ${response.status}`);
  const archive = join(folder, archiveUrl.endsWith('.zip') ? 'archive.zip' : 'archive.tar.gz');
  await pipeline(Readable.fromWeb(response.body), createWriteStream(archive));
  // tar also opens zip archives where it is bsdtar: on Windows and macOS.
  await promisify(execFile)('tar', ['-xf', archive, '-C', folder, fileToExtract]);
  return join(folder, fileToExtract === '' ? fileName : fileToExtract);
}

async function askWhere(version: string): Promise<{ archiveUrl: string; fileToExtract: string }> {
  const url = new URL(`https://temporal.download/cli/${version}`);
  url.searchParams.set('arch', process.arch === 'x64' ? 'amd64' : process.arch);
  url.searchParams.set('platform', process.platform === 'win32' ? 'windows' : process.platform);
  const response = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) }).catch(unreachable);
  if (!response.ok) throw new Error(`download from temporal.download: HTTP ${response.status}`);
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'archiveUrl' in answer && 'fileToExtract' in answer) {
    const { archiveUrl, fileToExtract } = answer;
    if (typeof archiveUrl === 'string' && typeof fileToExtract === 'string')
      return { archiveUrl, fileToExtract };
  }
  throw new Error('download from temporal.download: the answer names no archive');
}

function unreachable(error: unknown): never {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  throw new Error(
    `download from temporal.download: ${cause instanceof Error ? cause.message : String(cause)}`,
  );
}
