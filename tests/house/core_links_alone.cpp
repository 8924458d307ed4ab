// Linked with all objects of base/ and lock/: a reference from them to any other part of vfslock does not link.
int main() { return 0; }
