import type { ElementView, MessageView } from './view';
import { type Json, type Layer, layerOf, layersOf, text, texts } from './wireshark';

export function mongoMessages(layer: Layer, place: { frame: number; from: string }): MessageView[] {
  const opcode = text(layer['mongo.opcode']);
  if (opcode === undefined) return [];
  const values = [
    `length=${text(layer['mongo.message_length'])}`,
    `request=${signed(text(layer['mongo.request_id']))}`,
    `response=${signed(text(layer['mongo.response_to']))}`,
  ];
  const collection = text(layer['mongo.full_collection_name']);
  if (collection !== undefined) values.push(`collection=${collection}`);
  return [{ ...place, name: `opcode ${opcode}`, values, documents: documentsOf(layer) }];
}

/** The elements of the documents of a message, whatever part of it they stand in. */
function documentsOf(json: Json): ElementView[] {
  return layersOf(json).flatMap((layer) =>
    Object.entries(layer).flatMap(([name, value]) =>
      name === 'mongo.elements' ? elementsOf(layerOf(value)) : documentsOf(value),
    ),
  );
}

/** BSON types whose values both readers write the same way, and where Wireshark has them. */
const VALUES: Readonly<Record<string, string>> = {
  '0x02': 'mongo.element.value.string',
  '0x08': 'mongo.element.value.bool',
  '0x10': 'mongo.element.value.int',
  '0x12': 'mongo.element.value.int64',
};
const DOCUMENT = '0x03';

function elementsOf(layer: Layer): ElementView[] {
  const trees = layersOf(layer['mongo.element.name_tree']);
  return texts(layer['mongo.element.name']).map((name, i) => {
    const tree = trees[i] ?? {};
    const type = text(tree['mongo.element.type']) ?? '';
    if (type === DOCUMENT) {
      return { name, elements: elementsOf(layerOf(layerOf(tree['mongo.document'])['mongo.elements'])) };
    }
    const value = text(tree[VALUES[type] ?? '']);
    if (value === undefined) return { name };
    return { name, value: type === '0x08' ? String(value === '1') : value };
  });
}

function signed(hex: string | undefined): number {
  return Number(hex) | 0;
}
