export abstract class Repository {
  protected abstract find(id: string): Promise<Item>;
  async all(ids: string[]): Promise<Item[]> {
    const found = await Promise.all(ids.map((id) => this.find(id)));
    return found.filter((item): item is Item => item !== undefined);
  }
}
