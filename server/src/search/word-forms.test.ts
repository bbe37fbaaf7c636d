import { expect, test } from 'vitest';
import { formsOfName, wordForm } from './word-forms.ts';

test.each([
  ['redirects redirected redirecting redirect'],
  ['parse parses parsed parsing'],
  ['retry retries'],
  ['map maps mapped mapping'],
  ['add adds added adding'],
  ['cache caches cached caching'],
  ['process processes processing'],
  ['match matches matched matching'],
])('%s are forms of one word', (words) => {
  expect(new Set(words.split(' ').map(wordForm)).size).toBe(1);
});

test.each(['string', 'class', 'status', 'bus', 'red', 'this', 'ing', 'feed', ''])('%s keeps its letters', (word) => {
  expect(wordForm(word)).toBe(word);
});

test('a name has the forms of its parts and of the whole', () => {
  expect(formsOfName('parseRequests')).toEqual(['pars', 'request', 'parserequest']);
  expect(formsOfName('x')).toEqual(['x']);
});
