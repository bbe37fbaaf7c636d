/** Decides what of the server the tools show to a caller: everything, or an engine and settings cut down to the caller's codebases. */
import type { Settings } from '../config.ts';
import type { Engine } from '../engine.ts';
import { anonymous, type Caller, maySee } from './caller.ts';
import { scopeEngine } from './scoped-engine.ts';

/** The parts of the services that tell of codebases. */
export type View = { engine: Engine; settings: Settings };

/** Makes a function from callers to what they see. Views are kept for as long as their callers are. */
export function createViews(): (whole: View, caller?: Caller) => View {
  const kept = new WeakMap<Caller, { settings: Settings; view: View }>();
  return function viewOf(whole, caller = anonymous) {
    if (caller.codebases === 'all') return whole;
    const known = kept.get(caller);
    if (known !== undefined && known.settings === whole.settings) return known.view;
    const settings = settingsFor(caller, whole.settings);
    const view = { engine: scopeEngine(whole.engine, settings.config.sources), settings };
    kept.set(caller, { settings: whole.settings, view });
    return view;
  };
}

/** The settings as get_configuration may show them to the caller: without codebases and grants that are others'. */
function settingsFor(caller: Caller, settings: Settings): Settings {
  const { config } = settings;
  const sources = config.sources.filter(({ name }) => maySee(caller, name));
  return { ...settings, config: { ...config, sources } };
}
