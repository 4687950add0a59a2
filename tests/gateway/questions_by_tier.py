"""Questions and the tier that somebody who had to answer them from a handbook would ask for.

Written by who set the points: that the signals agree with them shows that they do what they are
meant to, not how often they are right elsewhere.
"""

from typing import Final

from gateway.routing import Tier

BY_TIER: Final[dict[str, Tier]] = {
    "Who approves travel above 2,000 euros?": "nano",
    "When does the support desk open on Saturdays?": "nano",
    "How many days of leave do part-time employees have?": "nano",
    "What is the guest wifi password policy's minimum length?": "nano",
    "Wie lange werden Backups aufbewahrt?": "nano",
    "Where is the first-aid kit?": "nano",
    "How do I reset my badge PIN?": "mini",
    "What counts as a security incident?": "mini",
    "Tell me about the probation period.": "mini",
    "How is a refund requested after the return window has closed?": "mini",
    "Wie beantrage ich Elternzeit?": "mini",
    "parental leave abroad": "mini",
    "What is the difference between the basic and the premium support plan?": "standard",
    "Compare the retention periods of logs and backups.": "standard",
    "Why was the 2019 retention rule replaced?": "standard",
    "List all approvals that a purchase of 40,000 euros needs.": "standard",
    "If I start on 15 May, how many days of leave do I have, pro rata?": "standard",
    "What does `rotate_keys()` do when the vault is sealed?": "standard",
    "How do I order a laptop? Who pays for it? When does it arrive?": "standard",
    "Was ist der Unterschied zwischen Gleitzeit und Vertrauensarbeitszeit?": "standard",
    "Summarise the travel policy.": "standard",
    "Design a migration plan from the old cluster to the new one that keeps the 99.9 % promise, "
    "and explain why each step comes before the next.": "pro",
    "The security policy and the onboarding guide contradict each other about shared accounts. "
    "Explain why, and recommend which rule we should keep.": "pro",
    "Diagnose the most likely cause: nightly exports fail since the upgrade, the queue grows, the "
    "workers report timeouts, and restarting them helps for an hour. What happens if we only "
    "raise the limit?": "pro",
    "What time does the canteen close?": "nano",
    "Which form is needed for a change of address?": "nano",
    "How often is the fire drill held?": "nano",
    "Wer ist für den Datenschutz zuständig?": "nano",
    "Quand ferme le bureau le vendredi ?": "nano",
    "How much notice do I have to give?": "nano",
    "What should I do when I lose my company phone?": "mini",
    "How are customers told about planned downtime?": "mini",
    "working from another country for two weeks": "mini",
    "Describe the escalation path for outages.": "mini",
    "Comment signaler un incident de sécurité ?": "mini",
    "What belongs into an expense report?": "mini",
    "Is the regional hotel limit better than a flat one? What are the pros and cons?": "standard",
    "What percentage of the training budget may be spent on travel, and how much would that be "
    "for a team of seven?": "standard",
    "What are the consequences of missing a submission deadline?": "standard",
    "Give me an overview of every insurance that the company pays for.": "standard",
    "Write a SQL query that finds orders without an invoice.": "standard",
    "¿Cuál es la diferencia entre permiso y excedencia?": "standard",
    "How does the change process work, and who signs at each stage?": "standard",
    "请比较两种备份方案的保留期限": "standard",
    "Propose a strategy to cut storage cost by a third under the constraint that no log may be "
    "kept for less than a year, and explain the impact on audits.": "pro",
    "Prove that the on-call rota cannot meet the rest rule with four people, and recommend the "
    "smallest change that does. Why is it the smallest?": "pro",
    "Reconcile the figures of the two annual reports: why do they differ, and what is the root "
    "cause?": "pro",
    "Plan the audit of all suppliers step by step, and explain what happens if one refuses.": "pro",
}
