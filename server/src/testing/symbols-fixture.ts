/** Decides the small codebases that tests of symbols ask about: one shop in several languages, with names that several things share. */

/** `shop`: TypeScript and Python. */
export const shopFiles: Readonly<Record<string, string>> = {
  'src/payment.ts': `import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { delayFor } from './backoff.ts';
import type { Order } from './order/types.ts';

/** Most attempts of one payment. */
export const maxAttempts = 3;

/** Tries a payment again. */
export function retryPayment(order: Order, attempt: number): boolean {
  if (attempt >= maxAttempts) return giveUp(order);
  const delay = delayFor(attempt);
  readFileSync('/dev/null');
  return delay > 0 && retryPayment(order, attempt + 1);
}

function giveUp(order: Order): boolean {
  const check = (one: Order) => z.object({}).safeParse(one).success;
  return check(order);
}
`,
  'src/backoff.ts': `// How long to wait before retryPayment runs again.
export const delayFor = (attempt: number) => 2 ** attempt;
`,
  'src/order/types.ts': `/** An order. */
export interface Order {
  id: string;
  /** Its state. */
  status(): string;
}

export class OrderStore {
  #orders: Order[] = [];

  /** Finds an order. */
  get(id: string): Order | undefined {
    return this.#orders.find((order) => order.id === id);
  }

  save(order: Order): void {
    this.get(order.id);
    this.#orders.push(order);
  }
}
`,
  'src/cart/store.ts': `export class CartStore {
  get(id: string): string {
    return id;
  }
}
`,
  'src/cart/checkout.ts': `import { retryPayment as pay } from '../payment.ts';
import { retryPayment } from '../payment.ts';
import { OrderStore } from '../order/types.ts';
import { CartStore } from './store.ts';

const carts = new CartStore();
const orderStore = new OrderStore();

export function checkout(id: string): boolean {
  const order = orderStore.get(id);
  carts.get(id);
  return order !== undefined && retryPayment(order, 0);
}

/** Hands the payment over as a value. */
export function schedule(run: (task: unknown) => void): void {
  run(retryPayment);
  run("retryPayment");
}
`,
  'src/cart/checkout.test.ts': `import { checkout } from './checkout.ts';

test('checks out', () => {
  checkout('a');
});
`,
  'jobs/retry.py': `"""Jobs."""
import json
from .backoff import delay_for


class Retry:
    """Retries."""

    def __init__(self, job):
        self.job = job

    def run(self):
        """Runs the job."""
        return self.step(delay_for(1))

    def step(self, delay):
        return json.dumps({"delay": delay})


def retryPayment():
    return Retry(None).run()
`,
  'jobs/backoff.py': `def delay_for(attempt):
    """Seconds to wait."""

    def inner():
        return attempt

    return inner()
`,
  'README.md': '# Shop\n\n## Payments\n\nretryPayment is in src.\n',
  'settings.yaml': 'payment:\n  retryPayment: true\n',
  'legacy.pl': 'sub retryPayment { return 1; }\n',
};

/** `ship`: Go, Java and C, where packages and headers tell what is meant. */
export const shipFiles: Readonly<Record<string, string>> = {
  'go.mod': 'module example.com/ship\n\ngo 1.24\n',
  'pkg/store/store.go': `// Package store keeps parcels.
package store

import (
	"fmt"
	"strings"

	"github.com/acme/log"
)

// Store keeps parcels.
type Store struct{ items map[string]string }

// New makes a Store.
func New() *Store { return &Store{items: map[string]string{}} }

// Get gives a parcel.
func (s *Store) Get(id string) string {
	log.Info("get")
	return s.normal(id)
}

func (s *Store) normal(id string) string {
	return strings.ToLower(fmt.Sprint(s.items[id]))
}
`,
  'pkg/route/route.go': `package route

import "example.com/ship/pkg/store"

type Route struct{ stops *store.Store }

func New() *Route { return &Route{stops: store.New()} }

func (r *Route) Get(id string) string { return r.stops.Get(id) }

func ping(n int) int {
	if n == 0 {
		return 0
	}
	return pong(n - 1)
}

func pong(n int) int { return ping(n) }
`,
  'pkg/route/helper.go': `package route

// Plan plans.
func Plan() *Route { return New() }
`,
  'src/main/java/com/acme/ship/Label.java': `package com.acme.ship;

import java.util.List;
import com.acme.util.Printer;

/** A label. */
public class Label {
  private final Printer printer;

  public Label(Printer printer) { this.printer = printer; }

  public void print(List<String> lines) {
    for (String line : lines) { write(line); }
  }

  private void write(String line) { printer.print(line); }
}
`,
  'src/main/java/com/acme/util/Printer.java': `package com.acme.util;

public class Printer {
  /** Prints. */
  public void print(String line) { System.out.println(line); }
}
`,
  'native/weigh.h': `/* Weighs a parcel. */
int weigh(int grams);
int unexplained(int grams);
`,
  'native/weigh.c': `#include <stdio.h>
#include "weigh.h"

static int round_up(int grams) { return grams + 1; }

int weigh(int grams) { return round_up(grams); }

int unexplained(int grams) { return weigh(grams); }
`,
};
