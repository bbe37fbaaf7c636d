/** Decides which short forms of 2025-era requests are accepted: the runbook's own curl calls leave required fields out. */

import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/server';
import { isObject, type Json } from './json.ts';

/** `initialize` with whatever its params lack filled in; every other message as it is. */
export function completeRequest(message: Json): Json {
  if (message.method !== 'initialize') return message;
  const given = isObject(message.params) ? message.params : {};
  const params = {
    protocolVersion: LATEST_PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: { name: 'unknown', version: '0' },
    ...given,
  };
  return { ...message, params };
}
