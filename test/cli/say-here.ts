import { vi } from 'vitest';
import { Failure } from '../../cli/exit-codes.ts';
import { main } from '../../cli/weir.ts';
import type { Said } from './say.ts';

/** What `weir` says, run in this process: for tests that ask it many things. One at a time. */
export async function sayHere(args: readonly string[], settings: NodeJS.ProcessEnv): Promise<Said> {
  const before = { ...process.env };
  const said = { out: '', err: '' };
  const catching = (name: 'stdout' | 'stderr', into: keyof typeof said) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[into] += String(text);
      return true;
    });
  const spies = [catching('stdout', 'out'), catching('stderr', 'err')];
  Object.assign(process.env, settings);
  try {
    const code = await main(args);
    return { ...said, code };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...said, err: `weir: ${error.message}\n`, code: error.code };
  } finally {
    for (const spy of spies) spy.mockRestore();
    for (const name of Object.keys(settings)) process.env[name] = before[name] ?? '';
    process.exitCode = 0;
  }
}
