import { expect, it } from 'vitest';
import { readPage } from '../../../infra/demo/readings/catalogue.ts';

const PAGE = `<body><a href="other.html">in the frame</a><main id="page"><h1>Today</h1>
  <section class="section" id="held"><h2>Held</h2> <p>a &lt; b, <a class="press" href="../gates/x%20y.html#how">Why  <b>it</b> is</a>.</p></section>
  <section class="section" id="holds"><p>none</p></section></main></body>`;

it('reads a page of the catalogue as a visitor does: words, links and parts', () => {
  const page = readPage(PAGE, new URL('http://localhost:1/a/index.html'));
  expect(page.text).toBe('Today Held a < b, Why it is. none');
  expect(page.links).toEqual([{ text: 'Why it is', path: '/gates/x%20y.html' }]);
  expect(page.sections['holds']).toEqual({ text: 'none', links: [] });
  expect(page.sections['held']?.text).toBe('Held a < b, Why it is.');
});
