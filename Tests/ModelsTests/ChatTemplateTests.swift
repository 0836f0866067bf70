import Models
import Support
import Testing

struct ChatTemplateTests {
  private let talk = [
    ChatMessage(.user, "Hi"), ChatMessage(.assistant, "Hello."), ChatMessage(.user, "Who?"),
  ]
  private let ruled = [ChatMessage(.system, "Be brief."), ChatMessage(.user, " Hi ")]

  @Test func smolLM2SaysWhoItIs() {
    let head =
      "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    #expect(
      ChatTemplate.smolLM2.text([ChatMessage(.user, "Hi")])
        == head + "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
    #expect(
      ChatTemplate.smolLM2.text(ruled, addingPrompt: false)
        == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n")
    #expect(ChatTemplate.smolLM2.text([], addingPrompt: false) == "")
  }

  @Test func formatsAreWritten() {
    #expect(
      ChatTemplate(.llama3).text(ruled)
        == "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        + "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
        + "<|start_header_id|>assistant<|end_header_id|>\n\n")
    #expect(
      ChatTemplate(.llama2).text(ruled)
        == "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST]")
    #expect(
      ChatTemplate(.llama2).text(talk) == "<s>[INST] Hi [/INST] Hello. </s><s>[INST] Who? [/INST]")
    #expect(
      ChatTemplate(.zephyr).text(talk)
        == "<|user|>\nHi</s>\n<|assistant|>\nHello.</s>\n<|user|>\nWho?</s>\n<|assistant|>\n")
    #expect(
      ChatTemplate(.gemma).text(ruled)
        == "<bos><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\n")
  }

  @Test(
    arguments: [
      ("{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' }}", .chatML),
      ("{{ '<|start_header_id|>' + m.role }}{{ '<|eot_id|>' }}", .llama3),
      ("{% set s = '<<SYS>>' %}{{ '[INST] ' + s }}", .llama2),
      ("{{ '<|user|>' + m.content + eos_token }}{{ '<|assistant|>' }}", .zephyr),
      ("{{ '<start_of_turn>' + role }}{{ '<end_of_turn>' }}", .gemma),
    ] as [(String, ChatTemplate.Format)])
  func formatsAreRecognised(jinja: String, format: ChatTemplate.Format) throws {
    #expect(try ChatTemplate(jinja: jinja).format == format)
  }

  @Test func defaultSystemIsReadFromTheTemplate() throws {
    for line in ["\n", "\\n"] {
      let jinja =
        "{% if messages[0].role != 'system' %}{{ '<|im_start|>system\(line)Be kind<|im_end|>\(line)' }}{% endif %}"
        + "{{ '<|im_start|>' + m.role + '\(line)' + m.content + '<|im_end|>' }}"
      #expect(try ChatTemplate(jinja: jinja).defaultSystem == "Be kind")
    }
    let computed = "{{ '<|im_start|>system\n' + system + '<|im_end|>' }}"
    #expect(try ChatTemplate(jinja: computed).defaultSystem == nil)
  }

  @Test func unknownTemplatesAreRefused() {
    let error = #expect(throws: CajalError.self) { try ChatTemplate(jinja: "{{ messages }}") }
    #expect(error?.message.contains("{{ messages }}") == true)
    #expect(throws: CajalError.self) {
      try ChatTemplate(jinja: "<|user|> <|assistant|> <|end|> eos_token")
    }
  }
}
