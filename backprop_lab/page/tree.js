// Elements as Python makes them (picture/elements.py), in the page: a tag, attributes, children.

const SVG = "http://www.w3.org/2000/svg";
const AS_SET = ["value", "checked", "selected"]; // a reader changes the property, not the attribute

// Texts and elements in one row, as they stand in the page.
function flat(content) {
  if (Array.isArray(content)) return content.flatMap(flat);
  return content.tag === "" ? flat(content.children) : [content];
}

function grown(tree, space) {
  if (typeof tree === "string") return document.createTextNode(tree);
  const own = tree.tag === "svg" ? SVG : space;
  const node = document.createElementNS(own, tree.tag);
  change(node, { attributes: {}, children: [] }, tree);
  return node;
}

function change(node, before, now) {
  for (const name of Object.keys({ ...before.attributes, ...now.attributes })) {
    const value = now.attributes[name] ?? false;
    if ((before.attributes[name] ?? false) === value) continue;
    if (value === false) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? "" : value);
    if (AS_SET.includes(name)) node[name] = name === "value" ? String(value) : value;
  }
  drawn(node, flat(before.children), flat(now.children));
}

// Makes what stands in a node what the elements now say; only what differs is written.
function drawn(node, before, now) {
  now.forEach((tree, k) => {
    const old = before[k];
    const child = node.childNodes[k];
    if (old === undefined) node.append(grown(tree, node.namespaceURI));
    else if (old.tag !== tree.tag) child.replaceWith(grown(tree, node.namespaceURI));
    else if (typeof tree !== "string") change(child, old, tree);
    else if (old !== tree) child.data = tree;
  });
  while (node.childNodes.length > now.length) node.lastChild.remove();
}
