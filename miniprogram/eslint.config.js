import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

/**
 * In the mini-program's build a `v-for` alias of one letter collides with uni-app's minified keys
 * and silently drops a component's properties.
 */
const loopNames = {
  rules: {
    long: {
      meta: { type: 'problem', schema: [] },
      create: (context) =>
        context.sourceCode.parserServices.defineTemplateBodyVisitor({
          VForExpression(loop) {
            for (const alias of loop.left) {
              if (alias.type === 'Identifier' && alias.name.length < 2) {
                context.report({ node: alias, message: 'Loop names have two letters or more.' })
              }
            }
          },
        }),
    },
  },
}

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'src/api/schema.d.ts', 'src/custom-tab-bar/'] },
  ...ts.configs.recommended,
  ...vue.configs['flat/essential'],
  {
    files: ['src/**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    plugins: { loops: loopNames },
    rules: {
      'loops/long': 'error',
      'vue/block-lang': ['error', { script: { lang: 'ts' }, style: { lang: 'scss' } }],
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/multi-word-component-names': 'off',
    },
  },
  { files: ['**/*.{ts,vue}'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
)
