/** The element's tests, for pages that are cross-origin isolated and for those that aren't. */
import { defineInosPow, type InosPowElement } from '@inos/mining/element';
import { createChallenge, MemoryStore, verify } from '@inos/mining/pow';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

const secret = 'a secret of the tests, long enough';

/** A page with a form and an element in it. */
function show(attributes: Record<string, string> = {}): {
  form: HTMLFormElement;
  pow: InosPowElement;
} {
  const form = document.createElement('form');
  const pow = document.createElement('inos-pow');
  for (const [name, value] of Object.entries(attributes)) pow.setAttribute(name, value);
  form.append(pow);
  document.body.append(form);
  return { form, pow };
}

function inside(pow: InosPowElement, selector: string): HTMLElement {
  const found = pow.shadowRoot?.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

const button = (pow: InosPowElement) => inside(pow, 'button') as HTMLButtonElement;

const challenge = (difficulty = 20_000) => createChallenge({ secret, difficulty });

function once(pow: InosPowElement, type: 'solved' | 'failed' | 'expired'): Promise<CustomEvent> {
  return new Promise((resolve) => {
    pow.addEventListener(type, resolve, { once: true });
  });
}

/** Runs the tests. */
export function testElement(): void {
  beforeAll(() => {
    defineInosPow();
    defineInosPow();
  });
  afterEach(() => {
    document.body.replaceChildren();
    vi.restoreAllMocks();
  });

  it('does nothing until it is asked', async () => {
    const fetching = vi.spyOn(globalThis, 'fetch');
    const working = vi.spyOn(globalThis, 'Worker');
    const { pow } = show({ challenge: '/pow/challenge' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([pow.state, pow.value]).toEqual(['idle', '']);
    expect(fetching).not.toHaveBeenCalled();
    expect(working).not.toHaveBeenCalled();
  });

  it('solves when its button is pressed, and its form has the solution', async () => {
    const { form, pow } = show({ challenge: await challenge(), required: '', threads: '1' });
    expect(form.checkValidity()).toBe(false);
    const states: string[] = [];
    pow.addEventListener('statechange', ({ detail }) => states.push(detail.state));
    const solved = once(pow, 'solved');
    button(pow).click();
    await solved;
    expect(states).toEqual(['working', 'solved']);
    expect(form.checkValidity()).toBe(true);
    const sent = new FormData(form).get('inos-pow');
    expect(sent).toBe(pow.value);
    await verify(sent, { secret, store: new MemoryStore() });
  });

  it('can be asked by the page, fetches its challenge, and tells how far it is', async () => {
    const text = await challenge(300_000);
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (address) => {
      expect(String(address as string | URL)).toBe(
        new URL('/pow/challenge?x=1', document.baseURI).href,
      );
      return new Response(text);
    });
    const { form, pow } = show({
      challenge: '/pow/challenge?x=1',
      name: 'proof',
      'cpu-share': '0.9',
    });
    const told = vi.fn();
    form.addEventListener('progress', told);
    const [first, same] = [pow.start(), pow.start()];
    expect(same).toBe(first);
    const { payload } = await first;
    await vi.waitFor(() => expect(pow.state).toBe('solved'));
    expect(new FormData(form).get('proof')).toBe(payload);
    expect(told).toHaveBeenCalled();
    expect((told.mock.calls[0]?.[0] as CustomEvent).detail).toMatchObject({
      expectedHashes: 300_000,
    });
  });

  it('writes counters as its server wants them', async () => {
    const format = 'altcha-v2';
    const counterMode = 'string';
    const text = JSON.stringify(
      await createChallenge({ secret, difficulty: 1000, format, counterMode }),
    );
    const { pow } = show({ challenge: text, threads: '1', 'counter-mode': counterMode });
    expect(pow.counterMode).toBe('string');
    const { payload } = await pow.start();
    await verify(payload, { secret, store: 'reusable', counterMode });
    expect(show({ challenge: text }).pow.counterMode).toBe('uint32');
    const other = show({ challenge: text, threads: '1' }).pow;
    other.counterMode = 'digits' as never;
    await expect(other.start()).rejects.toThrow(/^counterMode must be 'uint32' or 'string'/);
  });

  it('is cancelled by its button, a reset of its form, disabling or removing it', async () => {
    for (const end of [
      (pow: InosPowElement) => button(pow).click(),
      (pow: InosPowElement) => pow.form?.reset(),
      (pow: InosPowElement) => pow.remove(),
      (pow: InosPowElement) => pow.setAttribute('challenge', 'inos1.another'),
      (pow: InosPowElement) => pow.reset(),
    ]) {
      const { pow } = show({ challenge: await challenge(1e15), threads: '1' });
      const started = pow.start();
      expect(pow.state).toBe('working');
      end(pow);
      expect(pow.state).toBe('idle');
      await expect(started).rejects.toMatchObject({ name: 'AbortError' });
      document.body.replaceChildren();
    }
  });

  it('says what went wrong, and can be tried again', async () => {
    const refused = vi
      .spyOn(globalThis, 'fetch')
      .mockResolvedValue(new Response('', { status: 503 }));
    const { pow } = show({ challenge: '/pow/challenge', threads: '1' });
    const failed = once(pow, 'failed');
    button(pow).click();
    expect(String(((await failed).detail as { error: unknown }).error)).toContain('503');
    expect([pow.state, button(pow).textContent]).toEqual(['failed', 'Try again']);
    refused.mockResolvedValue(new Response(await challenge()));
    const solved = once(pow, 'solved');
    button(pow).click();
    await solved;
    await expect(show({ challenge: '{}' }).pow.start()).rejects.toMatchObject({
      code: 'mining/challenge-malformed',
    });
  });

  describe('an expiry', () => {
    const lasting = (lifetimeMs: number, nowMs = Date.now()) =>
      createChallenge({ secret, difficulty: 1000, lifetimeMs, nowMs });

    it('empties its form and says so, and it can be asked again', async () => {
      const fetching = vi.spyOn(globalThis, 'fetch');
      fetching.mockResolvedValue(new Response(await lasting(3000)));
      const { form, pow } = show({ challenge: '/pow/challenge', required: '', threads: '1' });
      const states: string[] = [];
      pow.addEventListener('statechange', ({ detail }) => states.push(detail.state));
      const [solved, expired] = [once(pow, 'solved'), once(pow, 'expired')];
      button(pow).click();
      const { expiresAtMs } = (await solved).detail as { expiresAtMs: number };
      expect(form.checkValidity()).toBe(true);
      expect((await expired).detail).toEqual({ expiresAtMs });
      expect(Date.now()).toBeGreaterThanOrEqual(expiresAtMs);
      expect(states).toEqual(['working', 'solved', 'expired']);
      expect([pow.value, form.checkValidity()]).toEqual(['', false]);
      expect(new FormData(form).has('inos-pow')).toBe(false);
      expect(inside(pow, '[role=status]').textContent).toContain('expired');
      expect([button(pow).textContent, button(pow).getAttribute('aria-disabled')]).toEqual([
        'Verify',
        'false',
      ]);
      fetching.mockResolvedValue(new Response(await lasting(60_000)));
      const again = once(pow, 'solved');
      button(pow).click();
      await again;
      expect(pow.state).toBe('solved');
    });

    it('is forgotten with the solution', async () => {
      const { pow } = show({ challenge: await lasting(2000), threads: '1' });
      const told = vi.fn();
      pow.addEventListener('expired', told);
      await Promise.all([once(pow, 'solved'), pow.start()]);
      pow.reset();
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(pow.state).toBe('idle');
      expect(told).not.toHaveBeenCalled();
    });

    it('is by the clock of the server', async () => {
      const serverMs = Date.now() - 86_400_000;
      const headers = { date: new Date(serverMs).toUTCString() };
      const text = await lasting(600_000, serverMs);
      vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(text, { headers }));
      const { pow } = show({ challenge: '/pow/challenge', threads: '1' });
      await Promise.all([once(pow, 'solved'), pow.start()]);
      expect(pow.state).toBe('solved');
      await expect(show({ challenge: text }).pow.start()).rejects.toMatchObject({
        code: 'mining/challenge-expired',
      });
    });

    it('ends work that nobody would take', async () => {
      const text = await createChallenge({ secret, difficulty: 1e15, lifetimeMs: 1000 });
      const { pow } = show({ challenge: text, threads: '1' });
      const [started, expired] = [pow.start(), once(pow, 'expired')];
      await expect(started).rejects.toMatchObject({ code: 'mining/challenge-expired' });
      expect((await expired).detail).toEqual({ expiresAtMs: Number(text.split('.')[2]) });
      expect(pow.state).toBe('expired');
    });

    it('of months, longer than timers last, isn’t at once', async () => {
      const { pow } = show({ challenge: await lasting(90 * 86_400_000), threads: '1' });
      await Promise.all([once(pow, 'solved'), pow.start()]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(pow.state).toBe('solved');
    });
  });

  describe('for everybody', () => {
    it('has names, roles and a text that is read out', async () => {
      const { pow } = show({ challenge: await challenge() });
      expect(inside(pow, '[role=group]').getAttribute('aria-label')).toBe('Proof of work');
      const status = inside(pow, '[role=status]');
      expect(status.getAttribute('aria-live')).toBe('polite');
      expect(status.textContent).toContain('short computation');
      const bar = inside(pow, 'progress');
      expect(bar.hidden).toBe(true);
      const solved = once(pow, 'solved');
      const started = pow.start();
      expect(bar.hidden).toBe(false);
      expect(bar.getAttribute('aria-label')).toBe('Progress of the computation');
      expect(status.textContent).toContain('0 %');
      // Around it, it would hold back what the status says.
      expect(status.closest('[aria-busy]')).toBe(null);
      await Promise.all([started, solved]);
      expect(status.textContent).toBe('Verified');
      expect(button(pow).getAttribute('aria-disabled')).toBe('true');
    });

    it('keeps the focus when it is solved, and its button then does nothing', async () => {
      const { pow } = show({ challenge: await challenge() });
      pow.focus();
      const solved = once(pow, 'solved');
      button(pow).click();
      await solved;
      expect(document.activeElement).toBe(pow);
      expect(pow.shadowRoot?.activeElement).toBe(button(pow));
      const { value } = pow;
      button(pow).click();
      expect([pow.state, pow.value]).toEqual(['solved', value]);
      pow.reset();
      expect(button(pow).getAttribute('aria-disabled')).toBe('false');
    });

    it('has its style where pages forbid inline ones, in another document too', async () => {
      const { pow } = show();
      expect(getComputedStyle(inside(pow, '[part=box]')).display).toBe('flex');
      const frame = document.createElement('iframe');
      const policy = `default-src 'none'; style-src 'self'`;
      frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="${policy}"><p>`;
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
      document.body.append(frame);
      await loaded;
      const inner = frame.contentDocument;
      if (!inner) throw new Error('the frame has no document');
      const refused = inner.createElement('style');
      refused.textContent = 'p { display: flex }';
      inner.head.append(refused);
      const paragraph = inner.querySelector('p') ?? inner.body;
      expect(frame.contentWindow?.getComputedStyle(paragraph).display).toBe('block');
      inner.body.append(pow);
      const box = inside(pow, '[part=box]');
      expect(frame.contentWindow?.getComputedStyle(box).display).toBe('flex');
    });

    it('is reached by the keyboard, and not while it is disabled', async () => {
      const { form, pow } = show({ challenge: await challenge() });
      pow.focus();
      expect(document.activeElement).toBe(pow);
      expect(pow.shadowRoot?.activeElement).toBe(button(pow));
      pow.disabled = true;
      expect(button(pow).disabled).toBe(true);
      pow.disabled = false;
      const fieldset = document.createElement('fieldset');
      form.append(fieldset);
      fieldset.append(pow);
      fieldset.disabled = true;
      expect(button(pow).disabled).toBe(true);
    });

    it('speaks the page’s language', () => {
      const { pow } = show();
      pow.strings = { start: 'Prüfen', idle: 'Ihr Gerät rechnet kurz.' };
      expect(button(pow).textContent).toBe('Prüfen');
      expect(inside(pow, '[role=status]').textContent).toBe('Ihr Gerät rechnet kurz.');
      expect(() => (pow.strings = 7 as never)).toThrow('strings must be');
    });
  });

  it('keeps what was set before it was defined', async () => {
    const pow = document.createElement('inos-pow-later') as InosPowElement;
    const strings = { start: 'Los' };
    Object.assign(pow, { challenge: await challenge(), name: 'early', threads: 1, strings });
    const form = document.createElement('form');
    form.append(pow);
    document.body.append(form);
    defineInosPow('inos-pow-later');
    expect(button(pow).textContent).toBe('Los');
    const { payload } = await pow.start();
    await expect.poll(() => new FormData(form).get('early')).toBe(payload);
    // Another name is the field's from then on.
    pow.name = 'late';
    expect([...new FormData(form).keys()]).toEqual(['late']);
  });

  it('needs a challenge', async () => {
    await expect(show().pow.start()).rejects.toThrow(
      'challenge must be a challenge, or where to fetch it',
    );
  });

  it('has a property for each attribute', () => {
    const { pow } = show();
    expect([
      pow.challenge,
      pow.name,
      pow.cpuShare,
      pow.threads,
      pow.required,
      pow.disabled,
    ]).toEqual(['', 'inos-pow', 1, 0, false, false]);
    Object.assign(pow, { challenge: 'c', name: 'n', cpuShare: 0.5, threads: 2, required: true });
    expect(Array.from(pow.attributes, ({ name, value }) => `${name}=${value}`)).toEqual([
      'challenge=c',
      'name=n',
      'cpu-share=0.5',
      'threads=2',
      'required=',
    ]);
  });
}
