import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const isLog = (callee) => callee.type === 'MemberExpression' && /(^|\.)(#?logger)$/i.test(nameOf(callee.object));

/** Leaves alone what nobody acts on: sentences for people (any text with a space in it), and calls of a logger. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'prose', {
    shouldIgnore({ node }) {
      if (node.type === 'StringLiteral' && node.value.includes(' ')) return 'a sentence';
      if (node.type === 'TemplateLiteral' && node.quasis.some(({ value }) => value.raw.includes(' ')))
        return 'a sentence';
      if (node.type === 'CallExpression' && isLog(node.callee)) return 'a log line';
      return undefined;
    },
  }),
];

function nameOf(node) {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'PrivateName') return node.id.name;
  return node.type === 'MemberExpression' ? nameOf(node.property) : '';
}
