// markdown-wasm (md4c): renders a long document.
import { createRequire } from "node:module";

const CHAPTER = (i) => `
# Chapter ${i}

Some *emphasis*, **strong words**, \`code\` and a [link](https://example.com/${i} "title ${i}") with ~~errors~~.

| left | middle | right |
| :--- | :---: | ---: |
${[...Array(8)].map((_, k) => `| cell ${k} | ${i * k} | https://example.org/${k} |`).join("\n")}

1. first
   * nested **bold _and_ italic**
   * again &amp; &copy; \\*literal\\*
2. second

> quoted ${"lorem ipsum dolor sit amet ".repeat(6)}

\`\`\`js
for (let i = 0; i < ${i}; i++) console.log(i);
\`\`\`
`;

export default async function () {
    const markdown = createRequire(import.meta.url)("markdown-wasm/dist/markdown.node.js");
    await markdown.ready;
    const html = markdown.parse([...Array(600).keys()].map(CHAPTER).join("\n"));
    if (!html.includes("<h1")) throw new Error("no heading");
}
