// Elements as Python makes them (picture/elements.py), in the page: a tag, attributes, children.

const SVG = "http://www.w3.org/2000/svg";
const AS_SET = ["value", "checked", "selected"]; // a reader changes the property, not the attribute

// Texts and elements in one row, as they stand in the page: texts beside each other are one.
function flat(content, found = []) {
  if (Array.isArray(content)) for (const one of content) flat(one, found);
  else if (content.tag === "") flat(content.children, found);
  else if (typeof content !== "string") found.push(content);
  else if (typeof found.at(-1) === "string") found[found.length - 1] += content;
  else if (content) found.push(content);
  return found;
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

// Whether a node holds just these elements: then it is kept as it is, with its focus.
function holdsAlready(node, now) {
  const fresh = now.map((tree) => grown(tree, node.namespaceURI));
  return fresh.length === node.childNodes.length && fresh.every((one, k) => one.isEqualNode(node.childNodes[k]));
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
