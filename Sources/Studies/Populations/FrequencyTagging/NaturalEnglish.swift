/// Plain prose of our own, on which the need for neurons is measured.
enum NaturalEnglish {
  static let paragraphs = [
    "When the storm had passed, the keeper walked down to the landing and counted the boats. Two were missing, and a third lay on its side with a hole below the waterline. He wrote the numbers on a slip of paper and climbed back up to the telephone.",
    "Bread needs little more than flour, water, salt and time. The yeast eats the sugar in the flour and gives off gas, which the dough holds in small bubbles. Too much heat kills the yeast; too little makes it slow, and the loaf comes out flat and heavy.",
    "The town council met on Tuesday evening to decide whether the old bridge should be repaired or replaced. Repairs would cost less now, the engineer explained, but they would have to be done again within ten years. Nobody wanted to vote before the numbers had been checked.",
    "A bicycle stays upright because the rider keeps steering it under the fall. At low speed this takes large movements of the handlebars, and beginners wobble. At higher speed the corrections become so small that one no longer notices them.",
    "My grandmother kept her letters in a biscuit tin on top of the wardrobe. Most of them came from her brother, who had gone to sea at sixteen and wrote from every harbour. After she died we sat on the floor and read them aloud until it was too dark to see.",
    "Plants take in carbon dioxide through tiny openings in their leaves. Using the energy of sunlight they turn it, together with water, into sugar, and release oxygen. At night the process stops, and like all living things they breathe.",
    "The museum opens at nine, but the school groups do not arrive before ten. If you want to see the whale in peace, go straight up the main stairs and turn left at the clock. The guard there has worked in the hall for thirty years and knows every bone.",
    "Winter came early that year. By the first week of November the lake was frozen along the shore, and the children had begun to test the ice with sticks. Their parents shouted from the windows, and the children pretended not to hear.",
    "To change a tyre, loosen the nuts while the wheel is still on the ground. Then raise the car until the tyre is clear of the road, take off the nuts, and pull the wheel towards you. Put on the spare, tighten the nuts by hand, lower the car, and tighten them again.",
    "The first trains frightened the horses, and some people too. Doctors warned that the body could not stand such speed. Within a few years, however, farmers were sending milk to the city every morning, and nobody spoke of danger any more.",
    "She had learned the piece by heart, but in the hall, with the lights on her hands, the second page was suddenly gone. She played the first page again, slowly, as if it were meant to be so. When she reached the end of it the notes came back.",
    "Rivers do not run straight for long. The water moves faster on the outside of a bend and carries the bank away; on the inside it is slow and drops its sand. So every bend grows, until the river cuts through the neck and leaves a curved lake behind.",
  ]
}
