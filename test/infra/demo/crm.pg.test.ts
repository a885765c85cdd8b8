import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { loadCrm } from '../../../infra/demo/crm.ts';

test('the loyalty system is made once, however often, and its login may only read', async () => {
  await loadCrm(inject('postgresAdminUrl'));
  const url = await loadCrm(inject('postgresAdminUrl'));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      'select count(*)::int as rows, current_user as login from crm.customers',
    );
    expect(rows).toEqual([{ rows: 2500, login: 'weir_crm_reader' }]);
    await expect(client.query('delete from crm.customers')).rejects.toMatchObject({ code: '42501' });
  } finally {
    await client.end();
  }
});
