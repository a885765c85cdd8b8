/** A basket as the tills deliver it. */
export interface Basket {
  readonly transaction_id: string | null;
  readonly store_id: string | null;
  readonly terminal_id: string;
  readonly customer_id: string;
  readonly transaction_timestamp: string;
  readonly total_amount: string;
  readonly payment_method: string;
  readonly items: readonly object[];
}

/** A sound basket of the test stores STORE_00001 to STORE_00003. */
export function basket(id: number, changes: Partial<Basket> = {}): Basket {
  return {
    transaction_id: `T${String(id).padStart(6, '0')}`,
    store_id: `STORE_0000${(id % 3) + 1}`,
    terminal_id: 'T1',
    customer_id: String(id % 5),
    transaction_timestamp: '2017-01-02T08:15:00Z',
    total_amount: `${id}.50`,
    payment_method: 'CASH',
    items: [{ product_id: '1', quantity: 1, sales_value: id + 0.5 }],
    ...changes,
  };
}

/** Baskets `from` up to but not including `to`. */
export function baskets(from: number, to: number, changes: Partial<Basket> = {}): Basket[] {
  return Array.from({ length: to - from }, (_, index) => basket(from + index, changes));
}

/** The as-of time of a run over those baskets' hour. */
export const AS_OF = '2017-01-02T09:00:00.000Z';
