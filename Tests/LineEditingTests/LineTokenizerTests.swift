import LineEditing
import Testing

struct LineTokenizerTests {}
