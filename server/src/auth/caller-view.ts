/** Decides what of the server the tools show to a caller: everything, or an engine and settings cut down to the caller's codebases. */
import type { Settings } from '../config.ts';
import type { Engine } from '../engine.ts';
import { anonymous, type Caller, maySee } from './caller.ts';
import { scopeEngine } from './scoped-engine.ts';

/** The parts of the services that tell of codebases. */
export type View = { engine: Engine; settings: Settings };

/** Makes a function from callers to what they see. Views are kept for as long as their callers are. */
export function createViews(): (whole: View, caller?: Caller) => View {
  const kept = new WeakMap<Caller, { config: Settings['config']; sources: object; grants: object; view: View }>();
  return function viewOf(whole, caller = anonymous) {
    if (caller.codebases === 'all') return whole;
    const { config } = whole.settings;
    const { sources, auth } = config;
    const known = kept.get(caller);
    // A reload changes the configuration in place, and puts other lists where lists have changed.
    if (known?.config === config && known.sources === sources && known.grants === auth.grants) return known.view;
    const settings = settingsFor(caller, whole.settings);
    const view = { engine: scopeEngine(whole.engine, settings.config.sources), settings };
    kept.set(caller, { config, sources, grants: auth.grants, view });
    return view;
  };
}

/** The settings as get_configuration may show them to the caller: without codebases and grants that are others'. */
function settingsFor(caller: Caller, settings: Settings): Settings {
  const { config } = settings;
  const sources = config.sources.filter(({ name }) => maySee(caller, name));
  const auth = { ...config.auth, grants: config.auth.grants.filter(({ name }) => name === caller.name) };
  return { ...settings, config: { ...config, sources, auth } };
}
