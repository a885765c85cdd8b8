import { byChanging, readOne, readPairs, type StoryClaim, type World } from '../world.ts';

/** Step 2: households of a second database are landed by the hash of their rows. */
export const customersLanded: readonly StoryClaim[] = [
  {
    name: 'customers-landed',
    step: 2,
    says: 'every household of the loyalty system (made up, in a database of its own) is in bronze once',
    from: 'Postgres bronze.raw_customers',
    expected: ({ notes }) => notes.customers,
    read: (world) => readOne(world, 'select count(distinct customer_id)::int from bronze.raw_customers'),
    falsify: byChanging(
      'delete from bronze.raw_customers where ctid = (select min(ctid) from bronze.raw_customers)',
    ),
  },
];

/** Step 7: what changed there was found though nothing there says so, and nothing else was moved. */
export const customersChanged: readonly StoryClaim[] = [
  {
    name: 'customers-found-by-hash',
    step: 7,
    says: 'of the households one joined, one moved and one left: found by their hashes, and nothing else was fetched',
    from: 'Postgres bronze.raw_customers',
    // Nobody's id is told: they are personal.
    expected: ({ notes }) => ({
      'joined there': 1,
      'left there': 0,
      'moved there': 1,
      'rows fetched': 2,
      'rows now': notes.customers,
    }),
    read: async (world) => {
      const { joined, moved, movedTo, left } = changes(world);
      return readPairs(
        world,
        `select name, value from (values
           ('joined there', (select count(*)::int from bronze.raw_customers where customer_id = $1)),
           ('left there', (select count(*)::int from bronze.raw_customers where customer_id = $4)),
           ('moved there', (select count(*)::int from bronze.raw_customers where customer_id = $2 and home_store_id = $3)),
           ('rows fetched', (select count(*)::int from bronze.raw_customers
                             where _load = (select max(_load) from bronze.raw_customers))),
           ('rows now', (select count(*)::int from bronze.raw_customers))) as facts (name, value)
         order by name`,
        [joined, moved, movedTo, left],
      );
    },
    falsify: byChanging(
      'update bronze.raw_customers set home_store_id = null where customer_id = $1',
      (world) => [changes(world).moved],
    ),
  },
];

function changes({ notes }: World): NonNullable<World['notes']['customerChanges']> {
  if (notes.customerChanges === null) throw new Error('nothing has changed in the loyalty system yet');
  return notes.customerChanges;
}
