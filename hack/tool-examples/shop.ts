/** Decides what codebase the examples in docs/tools.md are made with: a small shop, and how it came to be. */

/** One commit: who, when, and what files became. The same history has the same commit ids everywhere. */
export type ShopCommit = {
  message: string;
  author: 'Ada' | 'Grace';
  date: string;
  tag?: string;
  files: Readonly<Record<string, string>>;
};

const readme = `# Shop

Sells things: a cart, orders, payments that are tried again, and a report of sales.
`;

const manifest = `{
  "name": "shop",
  "version": "1.3.0",
  "type": "module",
  "dependencies": { "express": "^5.1.0" },
  "devDependencies": { "vitest": "^3.0.0" }
}
`;

const cart = `/** What a customer is about to buy. */
export class Cart {
  readonly items: { name: string; price: number; count: number }[] = [];

  /** Puts \`count\` of a thing into the cart. */
  add(name: string, price: number, count = 1): void {
    this.items.push({ name, price, count });
  }

  /** The sum of all prices, in cents. */
  total(): number {
    return this.items.reduce((sum, item) => sum + item.price * item.count, 0);
  }
}
`;

const firstPayment = `/** Takes money from a card. */
export class PaymentGateway {
  constructor(readonly url: string) {}

  /** Charges a card once. Throws when the bank refuses. */
  async charge(card: string, cents: number): Promise<string> {
    const body = JSON.stringify({ card, cents });
    const response = await fetch(this.url, { method: 'POST', body });
    if (!response.ok) throw new Error('payment failed with ' + response.status);
    return response.text();
  }
}
`;

const payment = `${firstPayment}
/** Milliseconds to wait before a failed payment is tried again: twice as long each time. */
export function backoff(attempt: number): number {
  return 2 ** attempt * 100;
}

/** Tries a failed payment again, each time after a longer pause. */
export async function retryPayment(gateway: PaymentGateway, card: string, cents: number): Promise<string> {
  // TODO: give up at once when the bank says that the card is stolen
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await gateway.charge(card, cents);
    } catch (error) {
      if (attempt >= 3) throw error;
      await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
    }
  }
}

export function maskCard(card: string): string {
  return card.slice(-4).padStart(card.length, '*');
}
`;

const firstOrders = `import { Cart } from './cart.ts';
import { PaymentGateway } from './payment.ts';

/** Pays for a cart and tells the number of the order. */
export async function placeOrder(cart: Cart, card: string, gateway: PaymentGateway): Promise<string> {
  return gateway.charge(card, cart.total());
}
`;

const addressCheck = `  const problems: string[] = [];
  if (address.name.trim() === '') problems.push('the name is missing');
  if (address.street.trim() === '') problems.push('the street is missing');
  if (address.city.trim() === '') problems.push('the city is missing');
  if (!/^[0-9]{5}$/.test(address.zip)) problems.push('the zip code needs five digits');
  if (address.country.length !== 2) problems.push('the country needs two letters');
  const lines = [address.name, address.street, address.zip + ' ' + address.city, address.country];
  const label = lines.map((line) => line.trim().toUpperCase()).join(', ');
  if (label.length > 120) problems.push('the label is too long');
  if (problems.length > 0) throw new Error(problems.join(', '));
  return label;
`;

const orders = `import { Cart } from './cart.ts';
import { PaymentGateway, retryPayment } from './payment.ts';

export type Address = { name: string; street: string; zip: string; city: string; country: string };

/** Pays for a cart and tells the number of the order. */
export async function placeOrder(cart: Cart, card: string, gateway: PaymentGateway): Promise<string> {
  if (cart.items.length === 0) throw new Error('the cart is empty');
  return retryPayment(gateway, card, cart.total());
}

/** The label of a parcel. */
export function shippingLabel(address: Address): string {
${addressCheck}}
`;

const returns = `import type { Address } from './orders.ts';

/** The label of a parcel that comes back. */
export function returnLabel(address: Address): string {
${addressCheck}}
`;

const server = `import express from 'express';
import { Cart } from './cart.ts';
import { placeOrder } from './orders.ts';
import { PaymentGateway } from './payment.ts';

const app = express();
const gateway = new PaymentGateway('https://bank.example/charge');

app.post('/orders', async (request, response) => {
  const cart = new Cart();
  for (const item of request.body.items) cart.add(item.name, item.price, item.count);
  response.json({ order: await placeOrder(cart, request.body.card, gateway) });
});

app.listen(3000);
`;

const cartTest = `import { expect, test } from 'vitest';
import { Cart } from '../src/cart.ts';

test('an empty cart costs nothing', () => {
  expect(new Cart().total()).toBe(0);
});

test('counts are multiplied', () => {
  const cart = new Cart();
  cart.add('tea', 450, 2);
  expect(cart.total()).toBe(900);
});
`;

const report = `"""Reports of what was sold."""
import csv
from collections import defaultdict


def monthly_total(path):
    """Cents by month, from a file with the columns date and cents."""
    totals = defaultdict(int)
    with open(path) as file:
        for row in csv.DictReader(file):
            totals[row["date"][:7]] += int(row["cents"])
    return dict(totals)


def best_sellers(orders, count=3):
    names = []
    for order in orders:
        for item in order["items"]:
            if item["name"] not in names:
                names.append(item["name"])
    return sorted(names, key=lambda name: sum(item["count"] for order in orders for item in order["items"] if item["name"] == name))[-count:]
`;

export const shopHistory: readonly ShopCommit[] = [
  {
    message: 'Sell what is in a cart',
    author: 'Ada',
    date: '2026-01-12T09:30:00Z',
    files: {
      'README.md': readme,
      'package.json': manifest,
      'src/cart.ts': cart,
      'src/payment.ts': firstPayment,
      'src/orders.ts': firstOrders,
      'src/server.ts': server,
    },
  },
  {
    message: 'Try failed payments again\n\nThe bank fails for seconds at a time; customers should not see that.',
    author: 'Grace',
    date: '2026-01-20T15:00:00Z',
    tag: 'v1.2',
    files: { 'src/payment.ts': payment },
  },
  {
    message: 'Pay for orders through retryPayment, and print labels',
    author: 'Ada',
    date: '2026-02-03T08:15:00Z',
    files: { 'src/orders.ts': orders, 'src/returns.ts': returns, 'test/cart.test.ts': cartTest },
  },
  {
    message: 'Report sales by month',
    author: 'Grace',
    date: '2026-02-17T11:45:00Z',
    tag: 'v1.3',
    files: { 'reports/sales.py': report },
  },
];
