// Names the documented modules as users import them: packages/core/src/api becomes @perpdesk/core/api.
import { Converter, ReflectionKind } from 'typedoc';

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const module of context.project.getReflectionsByKind(ReflectionKind.Module)) {
      const [name, folder] = module.name.split('/src');
      module.name = `@perpdesk/${name}${(folder ?? '').replace(/\/index$/, '')}`.replace(/\/$/, '');
    }
  });
}
